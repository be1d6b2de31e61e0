import { readFile } from 'node:fs/promises';
import { generate } from 'otplib';
import { expect, pagesOf, test } from '../fixtures.ts';
import { AccountConsole } from '../pages/account-console.ts';
import type { Application } from '../pages/application.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import { photo } from '../photo.ts';

test.use({ javaScriptEnabled: false });
/** What ends is over everywhere within this. */
const boundMs = 5_000;

test('a session that a person ends in the account is signed out at its application, and so are all others at once', async ({
  browser,
  stack,
  person,
}) => {
  await using lost = await browser.newContext();
  await using sold = await browser.newContext();
  await using here = await browser.newContext();
  const [{ shop }, { forum }] = [pagesOf(await lost.newPage(), stack), pagesOf(await sold.newPage(), stack)];
  for (const application of [shop, forum]) {
    await application.open('/sign-in');
    await new SignInPage(application.page).signIn(person);
    await expect(application.greeting(person.name)).toBeVisible();
  }
  const isEnded = (application: Application) =>
    expect(async () => {
      await application.clickOn();
      await expect(application.ending.heading).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: boundMs });

  const account = new AccountConsole(await here.newPage(), stack.urls.idp);
  await account.signIn(person, '/sessions');
  await expect(account.sessions.filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(account.sessions.filter({ hasText: 'This device' }).getByRole('button')).toHaveCount(0);
  await account.sessions
    .filter({ hasText: 'Shop' })
    .getByRole('button', { name: /^Sign out/ })
    .click();
  await expect(account.toast).toContainText('That device is signed out.');
  await expect(account.sessions.filter({ hasText: 'Shop' })).toHaveCount(0);
  await isEnded(shop);
  await forum.clickOn();
  await expect(forum.greeting(person.name)).toBeVisible();

  await account.press('Sign out all other devices');
  await expect(account.toast).toContainText('All other devices are signed out.');
  await isEnded(forum);
  await expect(account.sessions.filter({ hasText: 'Forum' })).toHaveCount(0);
});

test('a photo from a phone becomes the picture; where no script makes it smaller the page says that it is too large', async ({
  browser,
  page,
  stack,
  person,
}) => {
  const large = photo(1200, 900);
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person);
  await account.choosePicture(large);
  await expect(account.picture).toHaveAccessibleDescription(/That file is larger than 512 KB/);
  await account.choosePicture(photo(64, 48));
  await expect(account.toast).toContainText('This is your picture now.');
  await expect(account.portrait).toHaveJSProperty('naturalWidth', 64);

  await using scripted = await browser.newContext({ javaScriptEnabled: true });
  const there = new AccountConsole(await scripted.newPage(), stack.urls.idp);
  await there.signIn(person);
  await expect(there.picture).toHaveAccessibleDescription(/a large picture is made smaller/);
  await there.choosePicture(large);
  await expect(there.toast).toContainText('This is your picture now.');
  await expect(there.portrait).toHaveJSProperty('naturalWidth', 1024);
  await expect(there.portrait).toHaveJSProperty('naturalHeight', 768);
});

test('a person changes the password and withdraws an application: neither works any more', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  const account = new AccountConsole(page, stack.urls.idp);
  await account.open('/applications');
  await expect(account.applications.filter({ hasText: 'Your email address' })).toHaveCount(1);
  await account.applications
    .filter({ hasText: 'Shop' })
    .getByRole('button', { name: /^Withdraw/ })
    .click();
  await expect(page.getByRole('heading', { name: 'No application has access' })).toBeVisible();

  const fresh = { email: person.email, password: 'a meadow beneath seven lanterns' };
  await account.open('/security');
  await account.follow(/^Change/);
  await page.getByLabel('New password', { exact: true }).fill('1234');
  await account.press('Save the password');
  await expect(page.getByText('This password is too short.')).toBeVisible();
  await page.getByLabel('New password', { exact: true }).fill(fresh.password);
  await account.press('Save the password');
  await expect(account.toast.filter({ hasText: 'Your password is changed.' })).toBeVisible();

  await page.context().clearCookies();
  await account.open();
  await signInPage.signIn(person);
  await expect(signInPage.alert).toBeVisible();
  await signInPage.signIn(fresh);
  await expect(page.getByRole('heading', { name: 'Your profile' })).toBeVisible();
});

test('an authenticator that a person sets up is asked for at the next sign-in, and before anything that could give the account away', async ({
  page,
  stack,
  person,
  signInPage,
}) => {
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/security/authenticator');
  const secret = (await page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
  await page.getByLabel('Six digits from the app').fill(await generate({ secret }));
  await account.press('Confirm');
  await expect(account.codes).toHaveCount(10);
  const codes = await account.codes.allInnerTexts();
  const download = page.waitForEvent('download');
  await account.follow('Download as text');
  expect(await readFile(await (await download).path(), 'utf8')).toBe(`${codes.join('\n')}\n`);

  await account.open('/security/recovery-codes');
  await expect(page.getByRole('heading', { name: 'First confirm that it is you' })).toBeVisible();
  await account.follow('Continue');
  await signInPage.signIn(person);
  await page.getByRole('link', { name: /recovery code/i }).click();
  await signInPage.code.fill(codes[0] ?? '');
  await signInPage.confirm.click();
  await expect(page.getByText('9 recovery codes are left.')).toBeVisible();
});

test('a person takes all data along, has the account deleted, and changes their mind by the link in the mail', async ({
  page,
  stack,
  person,
  inbox,
}) => {
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/data');
  const download = page.waitForEvent('download');
  await account.follow('Download');
  const data = JSON.parse(await readFile(await (await download).path(), 'utf8')) as { account: object };
  expect(data.account).toMatchObject({ id: person.id, email: person.email });

  await account.follow('Delete my account');
  await page.getByLabel(/^To go on, type your email address/).fill(person.email);
  await account.press('Delete my account');
  await expect(page.getByText('This account will be deleted on').first()).toBeVisible();

  const { links } = await inbox.letterTo(person.email, { subject: 'Your account will be deleted' });
  await page.context().clearCookies();
  await page.goto(links.find((link) => link.includes('/account/keep')) ?? '');
  await account.press('Keep my account');
  await expect(page.getByRole('heading', { name: 'Your account stays' })).toBeVisible();
  await account.signIn(person);
  await expect(page.getByText('This account will be deleted on')).toHaveCount(0);
  await inbox.letterTo(person.email, { subject: 'Your account stays' });
});
