import { expect } from '@playwright/test';
import type { Walk } from './walk.ts';

const sections = {
  profile: '',
  'email address': '/email',
  security: '/security',
  'new password': '/security/password',
  passkeys: '/security/passkeys',
  authenticator: '/security/authenticator',
  'recovery codes': '/security/recovery-codes',
  sessions: '/sessions',
  applications: '/applications',
  activity: '/activity',
  data: '/data',
};

export const account: Walk = async ({ page, stack, person, shop, signInPage, at }) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  for (const [name, path] of Object.entries(sections)) {
    await page.goto(`${stack.urls.idp}/account${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await at(name);
  }
  await page.goto(`${stack.urls.idp}/account`);
  await page.getByLabel('Name', { exact: true }).fill(`${person.name} the Second`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Saved.');
  await at('profile, saved');
};
