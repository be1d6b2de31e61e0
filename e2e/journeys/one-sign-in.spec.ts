import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Application } from '../pages/application.ts';
import type { Stack } from '../stack.ts';

for (const scripts of ['with', 'without'] as const) {
  test.describe(`${scripts} JavaScript`, () => {
    test.use({ javaScriptEnabled: scripts === 'with' });

    test('one sign-in opens shop, forum and dashboard, and what is done there meets on the dashboard', async ({
      page,
      stack,
      person,
      shop,
      forum,
      dashboard,
      signInPage,
    }) => {
      await shop.open();
      await shop.signIn.click();
      await expect(page.getByText('To continue to Shop')).toBeVisible();
      await signInPage.signIn(person);
      await expect(shop.greeting(person.name)).toBeVisible();

      const asked = signInPagesShown(page, stack);
      await shop.walkTo('Forum');
      await expect(forum.greeting(person.name)).toBeVisible();
      await forum.walkTo('Dashboard');
      await expect(dashboard.greeting(person.name)).toBeVisible();
      await dashboard.walkTo('Shop');
      await expect(shop.greeting(person.name)).toBeVisible();

      await shop.putInBasket('Watch Lantern');
      await shop.checkOut();
      await expect(shop.thanks).toBeVisible();
      const order = await shop.orderNumber();
      const thread = { title: `Hinges of ${person.name}`, body: 'Oil them before the siege, not during.' };
      await forum.startThread(thread);
      await expect(forum.posts).toContainText(thread.body);

      await dashboard.open();
      await expect(dashboard.orders.getByRole('row').filter({ hasText: 'Watch Lantern' })).toContainText(order);
      await expect(dashboard.posts.getByRole('link', { name: thread.title })).toBeVisible();
      expect(asked, 'no second sign-in').toEqual([]);
    });
  });
}

test('R-58: no token reaches the browser: storage is empty, and no cookie can be read by a script', async ({
  page,
  context,
  person,
  shop,
  forum,
  dashboard,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  for (const application of [shop, forum, dashboard]) {
    await application.open(application === shop ? '/' : '/sign-in');
    await expect(application.greeting(person.name)).toBeVisible();
    expect(await readableByScripts(page)).toEqual({ local: 0, session: 0, cookies: '', databases: 0 });
    expect(await page.content()).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}/);
  }
  const cookies = await context.cookies();
  expect(cookies.length).toBeGreaterThan(3);
  expect(cookies.filter(({ httpOnly, sameSite }) => !httpOnly || sameSite !== 'Lax')).toEqual([]);
});

test('R-33: signing out everywhere signs out at every application', async ({
  page,
  person,
  shop,
  forum,
  dashboard,
  signInPage,
  signOutPage,
}) => {
  await signInAtAll([shop, forum, dashboard], () => signInPage.signIn(person));
  await shop.open();
  await shop.signOut.click();
  await signOutPage.everywhere.click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  await expect(page).toHaveURL(`${shop.url}/signed-out`);

  for (const application of [forum, dashboard]) {
    await application.open();
    await expect(application.ending.heading).toBeVisible();
    await expect(application.ending.reason(/You signed out, here or in another application/)).toBeVisible();
  }
  for (const application of [shop, forum, dashboard]) {
    await application.open();
    await expect(application.signIn).toBeVisible();
    await expect(application.greeting(person.name)).toBeHidden();
  }
  await shop.signIn.click();
  await expect(signInPage.password, 'the provider asks again').toBeVisible();
});

test('signing out of one application leaves the others', async ({
  person,
  shop,
  forum,
  dashboard,
  signInPage,
  signOutPage,
}) => {
  await signInAtAll([shop, forum, dashboard], () => signInPage.signIn(person));
  await shop.open();
  await shop.signOut.click();
  await signOutPage.fromJust('Shop').click();
  await shop.open();
  await expect(shop.signIn).toBeVisible();
  for (const application of [forum, dashboard]) {
    await application.open();
    await expect(application.greeting(person.name)).toBeVisible();
  }
  // The session at the provider is there, so coming back needs no password.
  await shop.open();
  await shop.signIn.click();
  await expect(shop.greeting(person.name)).toBeVisible();
});

async function signInAtAll(applications: Application[], signIn: () => Promise<void>): Promise<void> {
  for (const [turn, application] of applications.entries()) {
    await application.open('/sign-in');
    if (turn === 0) await signIn();
    await expect(application.signOut).toBeVisible();
  }
}

/** The addresses of sign-in pages the browser was sent to, as they come. */
function signInPagesShown(page: Page, { urls }: Stack): string[] {
  const shown: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(`${urls.idp}/sign-in`)) shown.push(request.url());
  });
  return shown;
}

type Readable = { local: number; session: number; cookies: string; databases: number };

async function readableByScripts(page: Page): Promise<Readable> {
  return page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    cookies: document.cookie,
    databases: (await indexedDB.databases()).length,
  }));
}
