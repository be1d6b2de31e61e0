import { expect, test } from './album.ts';

const mara = { email: 'mara@example.com', password: 'open-the-gate-please', name: 'Mara Keep' };

test('shop', async ({ page, person, shop, signInPage, shoot }) => {
  await shop.open();
  await shoot('catalogue');
  await shop.open('/basket');
  await shoot('basket, empty');
  await shop.open('/orders');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await shop.putInBasket('Watch Lantern');
  await shoot('basket');
  await page.goBack();
  await shoot('product');
  await shop.open('/checkout');
  await page.getByRole('button', { name: 'Place the order' }).click();
  await shoot('checkout, refused');
  await shop.open('/basket');
  await shop.checkOut();
  await expect(shop.thanks).toBeVisible();
  await shoot('order');
  await shop.open('/orders');
  await shoot('orders');
});

test('forum', async ({ page, forum, signInPage, shoot }) => {
  await forum.open();
  await shoot('categories');
  await forum.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(forum.greeting(mara.name)).toBeVisible();
  await forum.startThread({ title: 'Moat', body: 'How deep is deep enough?' });
  await shoot('thread');
  await page.getByRole('button', { name: /^Hide/ }).first().click();
  await expect(page.getByText(/^hidden by/)).toBeVisible();
  await shoot('hidden thread');
  await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link').last().click();
  await shoot('category');
});

test('dashboard', async ({ page, dashboard, signInPage, shoot }) => {
  await dashboard.open();
  await shoot('welcome');
  await dashboard.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(dashboard.greeting(mara.name)).toBeVisible();
  await shoot('figures');
  await page.getByRole('link', { name: "Everyone's" }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await shoot("everyone's figures");
});
