import { expectAccessible } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';

test.describe.configure({ timeout: 120_000 }); // many pages, each looked at four times

const mara = { email: 'mara@example.com', password: 'open-the-gate-please', name: 'Mara Keep' };

test('every page around the sign-in is accessible', async ({ page, stack, portcullis, person, shop, signInPage }) => {
  const check = (name: string) => expectAccessible(page, name);
  await page.goto(stack.urls.idp);
  await check('home of a stranger');
  await shop.open('/sign-in');
  await check('sign-in');
  await signInPage.signIn({ ...person, password: 'not the password at all' });
  await expect(signInPage.alert).toBeVisible();
  await check('sign-in, refused');

  await portcullis(['ban', person.email, '--reason', 'spam', '--message', 'Write to us.', '--until', '7d']);
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
  await check('blocked');
  await page.getByRole('button', { name: 'Back to Shop' }).click();
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
  await check('not signed in');
  await page.goto(`${stack.urls.idp}/sign-in/expired-long-ago`);
  await expect(signInPage.tooLate).toBeVisible();
  await check('expired');
  await page.goto(`${stack.urls.idp}/auth?client_id=nobody`);
  await check('unknown client');
  await page.goto(`${stack.urls.idp}/no/such/page`);
  await check('not found');
});

test('every page around the sign-out is accessible', async ({
  page,
  stack,
  portcullis,
  person,
  shop,
  forum,
  signInPage,
  signOutPage,
}) => {
  const check = (name: string) => expectAccessible(page, name);
  for (const application of [shop, forum]) {
    await application.open('/sign-in');
    if (application === shop) await signInPage.signIn(person);
    await expect(application.greeting(person.name)).toBeVisible();
  }
  await page.goto(stack.urls.idp);
  await check('home');
  await portcullis(['sessions', 'end', person.email, '--all']);
  await forum.open();
  await expect(forum.ending.heading).toBeVisible();
  await check('session ended');

  await shop.open();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await shop.signOut.click();
  await expect(signOutPage.heading).toBeVisible();
  await check('sign-out');
  await signOutPage.everywhere.click();
  await expect(page).toHaveURL(`${shop.url}/signed-out`);
  await check('signed out at the shop');
  await page.goto(`${stack.urls.idp}/session/end`);
  await check('sign-out without an application');
});

test('every page of the shop is accessible', async ({ page, person, shop, signInPage }) => {
  const check = (name: string) => expectAccessible(page, name);
  await shop.open();
  await check('catalogue of a stranger');
  await shop.open('/basket');
  await check('empty basket');
  await shop.open('/no/such/page');
  await check('not found');
  await shop.open('/orders');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await check('no orders');
  await shop.putInBasket('Watch Lantern');
  await check('basket');
  await page.goBack();
  await check('product');
  await page.getByLabel('How many').fill('99');
  await page.getByRole('button', { name: 'Put in the basket' }).click();
  await expect(page.getByLabel('How many')).toHaveAttribute('aria-invalid', 'true');
  await check('product, refused');
  await shop.open('/checkout');
  await check('checkout');
  await page.getByRole('button', { name: 'Place the order' }).click();
  await expect(page.getByLabel('Postcode')).toHaveAttribute('aria-invalid', 'true');
  await check('checkout, refused');
  await shop.open('/basket');
  await shop.checkOut();
  await expect(shop.thanks).toBeVisible();
  await check('order');
  await shop.open('/orders');
  await check('orders');
});

test('every page of the forum is accessible, to a moderator too', async ({ page, forum, signInPage }) => {
  const check = (name: string) => expectAccessible(page, name);
  await forum.open();
  await check('categories of a stranger');
  await forum.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(forum.greeting(mara.name)).toBeVisible();
  await forum.startThread({ title: 'Moat', body: 'How deep is deep enough?' });
  await check('thread');
  await page.getByRole('button', { name: /^Hide/ }).first().click();
  await expect(page.getByText(/^hidden by/)).toBeVisible();
  await check('hidden thread');
  await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link').last().click();
  await expect(page.getByRole('link', { name: 'New thread' })).toBeVisible();
  await check('category');
  await page.getByRole('link', { name: 'New thread' }).click();
  await page.getByRole('button', { name: 'Start the thread' }).click();
  await expect(page.getByText('Write something first.')).toBeVisible();
  await check('new thread, refused');
});

test('every page of the dashboard is accessible, to an analyst too', async ({
  page,
  person,
  context,
  dashboard,
  signInPage,
}) => {
  const check = (name: string) => expectAccessible(page, name);
  await dashboard.open();
  await check('welcome');
  await dashboard.open('/?of=everyone');
  await dashboard.open('/sign-in');
  await signInPage.signIn(person);
  await expect(dashboard.greeting(person.name)).toBeVisible();
  await check('figures of somebody new');
  await dashboard.open('/?of=everyone');
  await check('not allowed');

  await context.clearCookies();
  await dashboard.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(dashboard.greeting(mara.name)).toBeVisible();
  await check('figures');
  await page.getByRole('link', { name: "Everyone's" }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await check("everyone's figures");
});
