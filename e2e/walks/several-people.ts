import { expect } from '@playwright/test';
import { AccountConsole } from '../pages/account-console.ts';
import { randomUUID } from 'node:crypto';
import { applicationOf } from './people.ts';
import type { Walk } from './walk.ts';

/** Two who share a browser. */
export const severalPeople: Walk = async ({
  page,
  stack,
  portcullis,
  nextPerson,
  shop,
  forum,
  signInPage,
  signOutPage,
  at,
}) => {
  const [one, other] = [await nextPerson(), await nextPerson()];
  const account = new AccountConsole(page, stack.urls.idp);
  await shop.open('/sign-in');
  await signInPage.remember.check();
  await signInPage.signIn(one);
  await expect(shop.greeting(one.name)).toBeVisible();
  await account.open();
  await account.follow(/Switch account$/);
  await account.press('Use another account');
  await signInPage.signIn(other);
  await forum.open('/sign-in');
  await expect(forum.greeting(other.name)).toBeVisible();
  await page.goto(stack.urls.idp);
  await at('home of two');
  await account.follow(/Switch account$/);
  await expect(page.getByRole('button', { name: one.email })).toContainText('Signed in');
  await at('choice between two who are signed in');

  await forum.open();
  await forum.signOut.click();
  await expect(page.getByRole('listitem').filter({ hasText: one.email })).toBeVisible();
  await at('sign-out of two');
  await signOutPage.everywhere.click();
  await expect(page).toHaveURL(`${forum.url}/signed-out`);
  const request = await applicationOf({ stack, portcullis }, `choosing-${randomUUID().slice(0, 8)}`, {});
  await page.goto(`${request}&prompt=select_account`);
  await page.locator('summary').first().click();
  await at('choice between two who are signed out');
};
