import { randomUUID } from 'node:crypto';
import { generate } from 'otplib';
import { expect, test } from '../fixtures.ts';
import { tabTo } from '../keyboard.ts';
import { applicationOf } from '../walks/people.ts';

const password = 'a heron sells umbrellas';

test('the keyboard is enough to join: from the sign-in page to an account of one’s own', async ({
  page,
  inbox,
  shop,
}) => {
  const email = `keys-${randomUUID().slice(0, 8)}@example.org`;
  await shop.open('/sign-in');
  await tabTo(page, page.getByRole('link', { name: 'Create an account' }), 'Enter');
  await expect(page.getByLabel('Email')).toBeFocused();
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Look into your inbox' })).toBeVisible();

  await page.goto(String((await inbox.letterTo(email)).links[0]));
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('Kay Tasten');
  await tabTo(page, page.getByLabel('New password', { exact: true }));
  await page.keyboard.type(password);
  await tabTo(page, page.getByRole('button', { name: 'Show characters' }), 'Space');
  await expect(page.getByLabel('New password', { exact: true })).toHaveAttribute('type', 'text');
  await tabTo(page, page.getByRole('button', { name: 'Create the account' }), 'Enter');
  await expect(page.getByRole('heading', { name: 'Your account is ready' })).toBeVisible();
});

test('the keyboard is enough for a second factor, and a page in another language', async ({
  page,
  stack,
  portcullis,
  person,
  signInPage,
}) => {
  const id = `keys-${randomUUID().slice(0, 8)}`;
  const request = await applicationOf({ stack, portcullis }, id, { minimumAcr: 'urn:portcullis:acr:mfa' });
  await page.goto(request);
  await expect(signInPage.email).toBeFocused();
  await page.keyboard.type(person.email);
  await tabTo(page, signInPage.password);
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Use an authenticator app' }), 'Enter');
  const secret = (await page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
  await tabTo(page, page.getByLabel('Six digits from the app'));
  await page.keyboard.type(await generate({ secret }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Keep these recovery codes' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Deutsch' }), 'Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await tabTo(page, page.getByRole('button', { name: /aufbewahrt$/ }));
});

test('the account is walked through by keyboard, and its nav shows where one is', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await page.goto(`${stack.urls.idp}/account`);
  for (const section of ['Security', 'Sessions', 'Applications', 'Activity', 'Your data']) {
    const link = page.getByRole('navigation', { name: 'Portcullis' }).getByRole('link', { name: section });
    await tabTo(page, link, 'Enter');
    await expect(link).toHaveAttribute('aria-current', 'page');
    await expect(link).toBeInViewport({ ratio: 1 });
  }
});

test('Enter sends a form from its field, and the skip link leads past the head of the page', async ({
  page,
  stack,
  person,
  inbox,
  signInPage,
}) => {
  await page.goto(`${stack.urls.idp}/reset-password`);
  await page.keyboard.type(person.email);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Look into your inbox' })).toBeVisible();
  await page.goto(String((await inbox.letterTo(person.email)).links[0]));
  await expect(page.getByLabel('New password', { exact: true })).toBeFocused();
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();

  await page.goto(`${stack.urls.idp}/account`);
  await signInPage.email.fill(person.email);
  await signInPage.password.fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Your profile' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }), 'Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('Kay Tasten');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Saved.');
});
