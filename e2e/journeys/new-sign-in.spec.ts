import type { Browser } from '@playwright/test';
import { expect, pagesOf, test } from '../fixtures.ts';
import type { Person } from '../people.ts';
import type { Stack } from '../stack.ts';

const subject = 'New sign-in to your account';

/** The person in a browser of their own, signed in at the shop. */
async function atShop(browser: Browser, stack: Stack, person: Person) {
  const context = await browser.newContext();
  const pages = pagesOf(await context.newPage(), stack);
  await pages.shop.open('/sign-in');
  await pages.signInPage.signIn(person);
  await expect(pages.shop.greeting(person.name)).toBeVisible();
  return { ...pages, [Symbol.asyncDispose]: () => context.close() };
}

test('a sign-in with a new browser is told by mail, and "this wasn\'t me" ends every session at once and the password with it', async ({
  browser,
  stack,
  person,
  inbox,
  page,
}) => {
  await using home = await atShop(browser, stack, person);
  await using thief = await atShop(browser, stack, person);
  const letter = await inbox.letterTo(person.email, { subject });
  expect(letter.text).toContain('Device: Chrome');
  expect(letter.text).toContain('Application: Shop');

  await page.goto(letter.links[0] ?? '');
  await expect(page.getByRole('heading', { level: 1, name: 'This wasn’t me' })).toBeVisible();
  await thief.shop.clickOn();
  await expect(thief.shop.greeting(person.name)).toBeVisible(); // looking at the page has changed nothing
  await page.getByRole('button', { name: 'Lock them out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account is locked to others' })).toBeVisible();
  const locked = Date.now();

  for (const { shop } of [thief, home]) {
    await shop.clickOn();
    await expect(shop.ending.heading).toBeVisible();
  }
  expect(Date.now() - locked).toBeLessThan(5000);
  await thief.shop.open('/sign-in');
  await thief.signInPage.signIn(person);
  await expect(thief.signInPage.alert).toContainText('do not go together');

  const next = await inbox.letterTo(person.email);
  await page.goto(next.links[0] ?? '');
  await page.getByLabel('New password').fill('the portcullis is down again');
  await page.getByRole('button', { name: 'Set' }).click();
  await home.shop.open('/sign-in');
  await home.signInPage.signIn({ ...person, password: 'the portcullis is down again' });
  await expect(home.shop.greeting(person.name)).toBeVisible();
});

test('the link works once, without JavaScript and by keyboard, and says so afterwards', async ({
  browser,
  stack,
  person,
  inbox,
}) => {
  await using _home = await atShop(browser, stack, person);
  await using elsewhere = await atShop(browser, stack, person);
  const [link = ''] = (await inbox.letterTo(person.email, { subject })).links;
  const plain = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
  const page = await plain.newPage();

  await page.goto(link);
  const lockOut = page.getByRole('button', { name: 'Lock them out' });
  for (let i = 0; i < 10 && !(await lockOut.evaluate((it) => it === document.activeElement)); i++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your account is locked to others' })).toBeVisible();

  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  await page.getByRole('link', { name: 'Choose a new password' }).click();
  await expect(page.getByLabel('Email')).toBeVisible();
  await elsewhere.shop.clickOn();
  await expect(elsewhere.shop.ending.heading).toBeVisible();
  await plain.close();
});
