import type { BrowserContext } from '@playwright/test';
import { expect, pagesOf, test } from '../fixtures.ts';
import type { Application } from '../pages/application.ts';
import type { Stack } from '../stack.ts';
import { familyApis, refusalOf, statusAt } from '../test-client.ts';

test('a ban from the command line is in force at all three applications on the very next click', async ({
  context,
  stack,
  portcullis,
  person,
}) => {
  const tabs = await signedInTabs(context, stack, person);
  await portcullis(['ban', person.email, '--reason', 'spam', '--message', 'Write to the gatekeeper.']);

  for (const application of tabs) {
    await application.clickOn();
    await expect(application.ending.heading).toBeVisible();
    await expect(application.ending.reason(/Your account has been blocked/)).toBeVisible();
    await expect(application.greeting(person.name)).toBeHidden();
  }
  // Nor does the way in by the provider's own session lead anywhere.
  for (const application of tabs) {
    await application.open('/sign-in');
    await expect(application.page.getByLabel('Password', { exact: true })).toBeVisible();
  }
});

test('a banned person is told so after the right password only; lifting the ban opens sign-in at once', async ({
  portcullis,
  person,
  shop,
  signInPage,
  page,
}) => {
  const message = 'You were rude to the drawbridge. Write to the gatekeeper.';
  await portcullis(['ban', person.email, '--reason', 'internal words', '--message', message]);

  await shop.open('/sign-in');
  await signInPage.signIn({ ...person, password: 'not the password at all' });
  await expect(signInPage.alert).toContainText('That email and password do not go together');
  await expect(page.getByText(message)).toBeHidden();
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
  await expect(signInPage.alert).toContainText(message);
  await expect(page.getByText('internal words')).toBeHidden();

  await portcullis(['unban', person.email]);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('a ban that comes while the sign-in page is open is met by whoever submits it (case 3)', async ({
  portcullis,
  person,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await expect(signInPage.password).toBeVisible();
  await portcullis(['ban', person.email, '--reason', 'spam']);
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
});

test('what was issued before a ban is dead everywhere, also after the ban is lifted (cases 1, 15, 16)', async ({
  context,
  stack,
  portcullis,
  person,
  client,
  shop,
  signInPage,
}) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  const browser = context.request;
  const { access_token: token, refresh_token: refreshToken } = await client.tokens(browser);
  const { access_token: userinfoToken } = await client.tokens(browser, { resource: '' });
  const code = await client.authorize(browser);
  const apis = familyApis(stack);
  const answers = () => Promise.all(apis.map((api) => statusAt(api, token)));
  const userinfo = () => statusAt(`${stack.urls.idp}/me`, userinfoToken);
  expect(await answers()).toEqual([200, 200, 200]);
  expect(await userinfo()).toBe(200);

  await portcullis(['ban', person.email, '--reason', 'spam']);
  expect(await answers()).toEqual([401, 401, 401]);
  expect(await userinfo()).toBe(401);
  expect(await refusalOf(client.refresh(refreshToken))).toBe('invalid_grant');
  expect(await refusalOf(client.exchange(code))).toBe('invalid_grant');
  const silent = await client.authorize(browser, { prompt: 'none' });
  expect(silent.url.searchParams.get('error')).toBe('login_required');

  await portcullis(['unban', person.email]);
  expect(await answers()).toEqual([401, 401, 401]);
  expect(await userinfo()).toBe(401);
  expect(await refusalOf(client.refresh(refreshToken))).toBe('invalid_grant');
  expect(await refusalOf(client.exchange(code))).toBe('invalid_grant');

  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  const fresh = await client.tokens(browser);
  expect(await Promise.all(apis.map((api) => statusAt(api, fresh.access_token)))).toEqual([200, 200, 200]);
  expect(await answers(), 'a new sign-in revives nothing').toEqual([401, 401, 401]);
});

test("an application's own cookie is no way round a ban (cases 9, 17)", async ({
  browser,
  context,
  stack,
  portcullis,
  person,
}) => {
  await signedInTabs(context, stack, person);
  const own = (await context.cookies()).filter(({ name }) => !name.startsWith('portcullis'));
  const elsewhere = await browser.newContext();
  await elsewhere.addCookies(own);
  const { shop, forum, dashboard } = pagesOf(await elsewhere.newPage(), stack);
  for (const application of [shop, forum, dashboard]) {
    await application.open();
    await expect(application.greeting(person.name)).toBeVisible();
  }
  await portcullis(['ban', person.email, '--reason', 'spam']);
  for (const application of [shop, forum, dashboard]) {
    await elsewhere.clearCookies();
    await elsewhere.addCookies(own); // as often as somebody likes to present them
    await application.open();
    await expect(application.ending.heading).toBeVisible();
    await application.open(application === shop ? '/orders' : '/');
    await expect(application.greeting(person.name)).toBeHidden();
  }
  await elsewhere.close();
});

test('sessions end: signed out everywhere with the reason, tokens dead, and a new sign-in works', async ({
  context,
  stack,
  portcullis,
  person,
  client,
}) => {
  const tabs = await signedInTabs(context, stack, person);
  const tokens = await client.tokens(context.request);
  const listed = await portcullis(['sessions', 'list', person.email]);
  for (const { name } of tabs) expect(listed).toContain(name);
  await portcullis(['sessions', 'end', person.email, '--all']);

  for (const application of tabs) {
    await application.clickOn();
    await expect(application.ending.heading).toBeVisible();
    await expect(application.ending.reason(/This session was ended/)).toBeVisible();
  }
  for (const api of familyApis(stack)) expect(await statusAt(api, tokens.access_token)).toBe(401);
  expect(await refusalOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');

  const [shop] = tabs;
  const { signInPage } = pagesOf(shop.page, stack);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('a ban from one application leaves the others', async ({ context, stack, portcullis, person }) => {
  const [shop, forum, dashboard] = await signedInTabs(context, stack, person);
  await portcullis(['ban', person.email, '--reason', 'spam', '--client', 'forum']);
  await forum.clickOn();
  await expect(forum.ending.reason(/Your account has been blocked/)).toBeVisible();
  for (const application of [shop, dashboard]) {
    await application.clickOn();
    await expect(application.greeting(person.name)).toBeVisible();
  }
});

type Tabs = [Application, Application, Application];

/** Shop, forum and dashboard in a tab each, signed in. */
async function signedInTabs(
  context: BrowserContext,
  stack: Stack,
  person: { email: string; password: string; name: string },
): Promise<Tabs> {
  const { shop, signInPage } = pagesOf(await context.newPage(), stack);
  const { forum } = pagesOf(await context.newPage(), stack);
  const { dashboard } = pagesOf(await context.newPage(), stack);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  const tabs: Tabs = [shop, forum, dashboard];
  for (const application of tabs) {
    if (application !== shop) await application.open('/sign-in');
    await expect(application.greeting(person.name)).toBeVisible();
  }
  return tabs;
}
