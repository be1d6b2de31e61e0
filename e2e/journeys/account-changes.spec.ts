import { randomUUID } from 'node:crypto';
import { expect, pagesOf, test } from '../fixtures.ts';
import { AccountConsole } from '../pages/account-console.ts';

test.use({ javaScriptEnabled: false });

test('who has moved to another address signs in with that one, and with the old one no more', async ({
  browser,
  page,
  stack,
  person,
  inbox,
}) => {
  const moved = { ...person, email: `moved-${randomUUID().slice(0, 8)}@example.org` };
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person);
  await account.follow('Change');
  await page.getByLabel('New email address').fill(moved.email);
  await account.press('Send the link');
  await page.goto((await inbox.letterTo(moved.email)).links[0] ?? '');
  await account.press('Use this address');
  await expect(page.getByRole('heading', { name: 'Your address is changed' })).toBeVisible();
  await inbox.letterTo(person.email, { subject: 'The email address of your account was changed' });
  await account.open();
  await expect(page.getByRole('main').getByText(moved.email)).toBeVisible();

  await using context = await browser.newContext({ javaScriptEnabled: false });
  const { shop, signInPage } = pagesOf(await context.newPage(), stack);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(signInPage.alert).toContainText('do not go together');
  await signInPage.signIn(moved);
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('a new password leaves the other browser signed in where the box is not ticked; where it is, that one is out, at the shop too', async ({
  browser,
  page,
  stack,
  person,
}) => {
  await using context = await browser.newContext({ javaScriptEnabled: false });
  const { shop, signInPage } = pagesOf(await context.newPage(), stack);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();

  const account = new AccountConsole(page, stack.urls.idp);
  const everywhereElse = page.getByLabel('Sign out everywhere else');
  const save = async (password: string) => {
    await page.getByLabel('New password', { exact: true }).fill(password);
    await account.press('Save the password');
    await expect(account.toast.filter({ hasText: 'Your password is changed.' })).toBeVisible();
  };
  await account.signIn(person, '/security/password');
  await everywhereElse.uncheck();
  await save('a meadow beneath seven lanterns');
  await account.open('/sessions');
  await expect(account.sessions.filter({ hasText: 'Shop' })).toHaveCount(1);
  await shop.clickOn();
  await expect(shop.greeting(person.name)).toBeVisible();

  await account.open('/security/password');
  await expect(everywhereElse).toBeChecked();
  await save('seven lanterns above the meadow');
  const changed = Date.now();
  await expect(async () => {
    await shop.clickOn();
    await expect(shop.ending.heading).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 5000 });
  expect(Date.now() - changed).toBeLessThan(5000);
  await account.open('/sessions');
  await expect(account.sessions.filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(account.sessions.filter({ hasText: 'Shop' })).toHaveCount(0);

  await shop.open('/sign-in');
  await signInPage.signIn({ ...person, password: 'a meadow beneath seven lanterns' });
  await expect(signInPage.alert).toContainText('do not go together');
  await signInPage.signIn({ ...person, password: 'seven lanterns above the meadow' });
  await expect(shop.greeting(person.name)).toBeVisible();
});
