import { expect } from '@playwright/test';
import type { Walk } from './walk.ts';

const mara = { email: 'mara@example.com', password: 'open-the-gate-please', name: 'Mara Keep' };

export const throughShop: Walk = async ({ page, person, shop, signInPage, at }) => {
  await shop.open();
  await at('catalogue of a stranger');
  await shop.open('/basket');
  await at('empty basket');
  await shop.open('/no/such/page');
  await at('not found');
  await shop.open('/orders');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await at('no orders');
  await shop.putInBasket('Watch Lantern');
  await at('basket');
  await page.goBack();
  await at('product');
  await page.getByLabel('How many').fill('99');
  await page.getByRole('button', { name: 'Put in the basket' }).click();
  await expect(page.getByLabel('How many')).toHaveAttribute('aria-invalid', 'true');
  await at('product, refused');
  await shop.open('/checkout');
  await at('checkout');
  await page.getByRole('button', { name: 'Place the order' }).click();
  await expect(page.getByLabel('Postcode')).toHaveAttribute('aria-invalid', 'true');
  await at('checkout, refused');
  await shop.open('/basket');
  await shop.checkOut();
  await expect(shop.thanks).toBeVisible();
  await at('order');
  await shop.open('/orders');
  await at('orders');
};

export const throughForum: Walk = async ({ page, forum, signInPage, at }) => {
  await forum.open();
  await at('categories of a stranger');
  await forum.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(forum.greeting(mara.name)).toBeVisible();
  await forum.startThread({ title: 'Moat', body: 'How deep is deep enough?' });
  await at('thread');
  await page.getByRole('button', { name: /^Hide/ }).first().click();
  await expect(page.getByText(/^hidden by/)).toBeVisible();
  await at('hidden thread');
  await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link').last().click();
  await expect(page.getByRole('link', { name: 'New thread' })).toBeVisible();
  await at('category');
  await page.getByRole('link', { name: 'New thread' }).click();
  await page.getByRole('button', { name: 'Start the thread' }).click();
  await expect(page.getByText('Write something first.')).toBeVisible();
  await at('new thread, refused');
};

export const throughDashboard: Walk = async ({ page, person, dashboard, signInPage, at }) => {
  await dashboard.open();
  await at('welcome');
  await dashboard.open('/sign-in');
  await signInPage.signIn(person);
  await expect(dashboard.greeting(person.name)).toBeVisible();
  await at('figures of somebody new');
  await dashboard.open('/?of=everyone');
  await at('not allowed');

  await page.context().clearCookies();
  await dashboard.open('/sign-in');
  await signInPage.signIn(mara);
  await expect(dashboard.greeting(mara.name)).toBeVisible();
  await at('figures');
  await page.getByRole('link', { name: "Everyone's" }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await at("everyone's figures");
};
