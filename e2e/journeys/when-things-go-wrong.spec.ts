import type { Page } from '@playwright/test';
import { expect, pagesOf, test } from '../fixtures.ts';
import { tabTo } from '../keyboard.ts';

const strangers = {
  'an unknown client': { client_id: 'nobody', redirect_uri: 'http://127.0.0.1:9/stranger' },
  "a stranger's redirect URI": { client_id: 'shop', redirect_uri: 'http://127.0.0.1:9/stranger' },
  'no redirect URI': { client_id: 'shop', redirect_uri: '' },
  'a script as redirect URI': { client_id: 'shop', redirect_uri: 'javascript:alert(1)' },
};
for (const [what, request] of Object.entries(strangers)) {
  test(`R-02: ${what} gets a page of ours and nobody is redirected`, async ({ page, stack }) => {
    const elsewhere = requestsElsewhere(page, stack.urls.idp);
    const address = `${stack.urls.idp}/auth?${new URLSearchParams({ ...request, response_type: 'code', scope: 'openid' })}`;
    const response = await page.goto(address);
    expect(response?.status()).toBe(400);
    await expect(page).toHaveURL(address);
    await expect(page.getByRole('banner')).toHaveText('Portcullis');
    await expect(page.getByRole('heading')).toBeVisible();
    await expect(page.getByText(/reference [\w-]{8,}/)).toBeVisible();
    expect(elsewhere).toEqual([]);
  });
}

test('the back button after a sign-in leads to a way back, not to an error', async ({
  page,
  person,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await page.goBack();
  await expect(signInPage.tooLate).toBeVisible();
  await page.getByRole('link', { name: 'Go to Shop' }).click();
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('who took too long at the sign-in page begins anew with one click', async ({ page, stack, shop, signInPage }) => {
  await shop.open('/sign-in');
  await page.goto(`${stack.urls.idp}/sign-in/of-long-ago`);
  await expect(signInPage.tooLate).toBeVisible();
  await page.getByRole('link', { name: 'Go to Shop' }).click();
  await expect(signInPage.password).toBeVisible();
});

for (const scripts of ['with', 'without'] as const) {
  test.describe(`${scripts} JavaScript`, () => {
    test.use({ javaScriptEnabled: scripts === 'with' });

    test('the back button after a sign-in that was refused first leads to a way back too', async ({
      page,
      person,
      shop,
      signInPage,
    }) => {
      await shop.open('/sign-in');
      await signInPage.signIn({ ...person, password: 'not the password at all' });
      await expect(signInPage.alert).toBeVisible();
      await signInPage.signIn(person);
      await expect(shop.greeting(person.name)).toBeVisible();
      await page.goBack();
      await expect(signInPage.tooLate).toBeVisible();
      await page.getByRole('link', { name: 'Go to Shop' }).click();
      await expect(shop.greeting(person.name)).toBeVisible();
    });
  });
}

test('a sign-in page that was finished in another tab leads back to the application', async ({
  page,
  context,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await expect(signInPage.password).toBeVisible();
  const other = pagesOf(await context.newPage(), stack);
  await other.shop.page.goto(page.url());
  await other.signInPage.signIn(person);
  await expect(other.shop.greeting(person.name)).toBeVisible();

  await signInPage.signIn(person);
  await expect(signInPage.tooLate).toBeVisible();
  await page.getByRole('link', { name: 'Go to Shop' }).click();
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('two sign-ins side by side in one browser do not disturb each other', async ({
  page,
  context,
  stack,
  person,
  shop,
  signInPage,
}) => {
  const other = pagesOf(await context.newPage(), stack);
  await shop.open('/sign-in?return_to=/orders');
  await expect(signInPage.password).toBeVisible();
  await other.forum.open('/sign-in');
  await other.signInPage.signIn(person);
  await expect(other.forum.greeting(person.name)).toBeVisible();
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await expect(page).toHaveURL(`${shop.url}/orders`);
});

test("R-30: a sign-in page opened in another browser is nobody's", async ({
  page,
  browser,
  stack,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await expect(signInPage.password).toBeVisible();
  const elsewhere = await browser.newContext();
  const stranger = pagesOf(await elsewhere.newPage(), stack);
  await stranger.shop.page.goto(page.url());
  await expect(stranger.signInPage.tooLate).toBeVisible();
  await expect(stranger.signInPage.password).toBeHidden();
  await elsewhere.close();
});

test('whoever cancels is back at the application, which says so', async ({ page, shop, signInPage }) => {
  await shop.open('/orders');
  await signInPage.cancel.click();
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`^${shop.url}`));
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(signInPage.password).toBeVisible();
});

test('a refused sign-in keeps what was typed, but for the password', async ({ person, shop, signInPage }) => {
  await shop.open('/sign-in');
  await signInPage.remember.check();
  await signInPage.signIn({ ...person, password: 'not this one either' });
  await expect(signInPage.alert).toContainText('That email and password do not go together');
  await expect(signInPage.email).toHaveValue(person.email);
  await expect(signInPage.password).toHaveValue('');
  await expect(signInPage.password).toBeFocused();
  await expect(signInPage.remember).toBeChecked();
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('a page that needs a sign-in comes back to itself', async ({ page, person, shop, signInPage }) => {
  await shop.open('/orders');
  await signInPage.signIn(person);
  await expect(page).toHaveURL(`${shop.url}/orders`);
  await expect(page.getByRole('heading', { name: 'My orders' })).toBeVisible();
});

test('an address that leads nowhere is a page with a way on, everywhere', async ({ page, stack }) => {
  const { idp, shop, forum, dashboard } = stack.urls;
  for (const url of [idp, shop, forum, dashboard]) {
    const response = await page.goto(`${url}/no/such/page`);
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('Error 404')).toBeVisible();
  }
});

test('the keyboard is enough: from the shop to signed in, and out again', async ({
  page,
  person,
  shop,
  signInPage,
  signOutPage,
}) => {
  await shop.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await tabTo(page, shop.signIn, 'Enter');

  await expect(signInPage.email, 'where the typing begins').toBeFocused();
  await page.keyboard.type(person.email);
  await tabTo(page, signInPage.password, 'Home');
  await page.keyboard.type(person.password);
  await tabTo(page, signInPage.remember, 'Space');
  await tabTo(page, signInPage.submit, 'Enter');
  await expect(shop.greeting(person.name)).toBeVisible();

  await tabTo(page, shop.signOut, 'Enter');
  await expect(signOutPage.heading).toBeVisible();
  await tabTo(page, signOutPage.everywhere, 'Enter');
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
});

function requestsElsewhere(page: Page, origin: string): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) seen.push(request.url());
  });
  return seen;
}
