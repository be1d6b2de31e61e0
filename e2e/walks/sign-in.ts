import { expect } from '@playwright/test';
import type { Walk } from './walk.ts';

export const signIn: Walk = async ({ page, stack, portcullis, person, nextPerson, shop, signInPage, at }) => {
  await page.goto(stack.urls.idp);
  await at('home of a stranger');
  await shop.open('/sign-in');
  await at('sign-in');
  await signInPage.signIn({ ...person, password: 'not the password at all' });
  await expect(signInPage.alert).toBeVisible();
  await at('sign-in, refused');

  await portcullis(['ban', person.email, '--reason', 'spam', '--message', 'Write to us.', '--until', '7d']);
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
  await at('blocked');
  await page.getByRole('button', { name: 'Back to Shop' }).click();
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
  await at('not signed in');

  const other = await nextPerson();
  await portcullis(['accounts', 'disable', other.email]);
  await shop.open('/sign-in');
  await signInPage.signIn(other);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Sign in');
  await at('account is switched off');
};

export const wrongTurns: Walk = async ({ page, stack, person, shop, signInPage, at }) => {
  await page.goto(`${stack.urls.idp}/register`);
  await page.locator('input[name="csrf"]').evaluate((field: HTMLInputElement) => (field.value = ''));
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Email').press('Enter');
  await expect(page.getByText('This form is no longer valid')).toBeVisible();
  await at('form no longer valid');
  await shop.open('/sign-in');
  const guess = {
    csrf: await page.locator('input[name="csrf"]').first().inputValue(),
    email: person.email,
    password: 'x',
  };
  const headers = { origin: stack.urls.idp };
  for (let i = 0; i < 10; i += 1) await page.request.post(page.url(), { form: guess, headers, maxRedirects: 0 });
  await signInPage.signIn(person);
  await expect(signInPage.alert).toContainText('Too many attempts');
  await at('too many attempts');
  await shop.open('/sign-in');
  await page.goto(`${stack.urls.idp}/sign-in/expired-long-ago`);
  await expect(signInPage.tooLate).toBeVisible();
  await at('expired');
  for (const [name, path] of [
    ['unknown client', '/auth?client_id=nobody'],
    ['unknown address', '/auth?client_id=shop&redirect_uri=https://elsewhere.example/&response_type=code&scope=openid'],
    ['dead link', '/reset-password/new?token=x'],
    ['not found', '/no/such/page'],
  ] as const) {
    await page.goto(stack.urls.idp + path);
    await at(name);
  }
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { name: 'Seite nicht gefunden' })).toBeVisible();
  await at('not found, in German');
};

export const signOut: Walk = async ({ page, stack, portcullis, person, shop, forum, signInPage, signOutPage, at }) => {
  for (const application of [shop, forum]) {
    await application.open('/sign-in');
    if (application === shop) await signInPage.signIn(person);
    await expect(application.greeting(person.name)).toBeVisible();
  }
  await page.goto(stack.urls.idp);
  await at('home');
  await portcullis(['sessions', 'end', person.email, '--all']);
  await forum.open();
  await expect(forum.ending.heading).toBeVisible();
  await at('session ended');

  await shop.open();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await shop.signOut.click();
  await expect(signOutPage.heading).toBeVisible();
  await at('sign-out');
  await signOutPage.everywhere.click();
  await expect(page).toHaveURL(`${shop.url}/signed-out`);
  await at('signed out at the shop');
  await page.goto(`${stack.urls.idp}/session/end`);
  await at('sign-out without an application');
};
