import type { APIRequestContext, Page } from '@playwright/test';
import { expect, pagesOf, test as base } from '../fixtures.ts';
import { kill, loseRedis, mirrorOf, nodesOf, nodesThatServed } from '../nodes.ts';
import type { Person } from '../people.ts';
import { startStack, type Stack } from '../stack.ts';
import { familyApis, refusalOf, statusAt } from '../test-client.ts';

/** Three nodes behind a load balancer that sends each request to the next; these journeys break them one after the other. */
const test = base.extend<object, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const { stack, stop } = await startStack(3);
      await use(stack);
      await stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});
test.describe.configure({ mode: 'default' });

test('three nodes: one sign-in whose requests are spread over all of them', async ({ page, stack, person }) => {
  await oneSignIn(page, stack, person);
  const all = nodesOf(stack).map(({ name }) => name);
  const ofTheSignIn = ({ path }: { path: string }) => /^\/(auth|sign-in|token)\b/.test(path);
  await expect.poll(() => nodesThatServed(stack, ofTheSignIn)).toEqual(all);
});

test('three nodes: a code and a refresh token go round, and each serves once', async ({
  page,
  context,
  stack,
  person,
  client,
}) => {
  await oneSignIn(page, stack, person);
  const answer = await client.authorize(context.request);
  const first = await client.exchange(answer);
  const second = await client.refresh(first.refresh_token);
  const third = await client.refresh(second.refresh_token);
  for (const api of familyApis(stack)) expect(await statusAt(api, third.access_token)).toBe(200);

  expect(await refusalOf(client.refresh(first.refresh_token)), 'reuse, whichever node is asked').toBe('invalid_grant');
  expect(await refusalOf(client.refresh(third.refresh_token)), 'and the family is dead').toBe('invalid_grant');
  const statuses = () => Promise.all(familyApis(stack).map((api) => statusAt(api, third.access_token)));
  await expect.poll(statuses).toEqual([401, 401, 401]);
});

test('three nodes: a ban is met at every application and on every node', async ({
  page,
  context,
  stack,
  portcullis,
  person,
  client,
}) => {
  await oneSignIn(page, stack, person);
  const tokens = await client.tokens(context.request);
  await portcullis(['ban', person.email, '--reason', 'spam']);
  const { shop, forum, dashboard, signInPage } = pagesOf(page, stack);
  for (const application of [shop, forum, dashboard]) {
    await application.open();
    await expect(application.ending.reason(/Your account has been blocked/)).toBeVisible();
  }
  for (const api of familyApis(stack)) expect(await statusAt(api, tokens.access_token)).toBe(401);
  for (const _ of nodesOf(stack)) {
    const silent = await client.authorize(context.request, { prompt: 'none' });
    expect(silent.url.searchParams.get('error')).toBe('login_required');
    expect(await refusalOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  }
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
});

test('F-04: Redis loses everything: nobody is signed out, no ban is forgotten, a sign-in under way is begun again', async ({
  page,
  browser,
  context,
  stack,
  portcullis,
  client,
  nextPerson,
}) => {
  const [person, banned] = [await nextPerson(), await nextPerson()];
  await oneSignIn(page, stack, banned);
  const bannedTokens = await client.tokens(context.request);
  await portcullis(['ban', banned.email, '--reason', 'spam']);
  const { shop: bannedShop } = pagesOf(page, stack);
  await bannedShop.open('/orders');
  await expect(bannedShop.ending.heading).toBeVisible();

  const contexts = [await browser.newContext(), await browser.newContext()] as const;
  const { shop, forum, dashboard } = pagesOf(await contexts[0].newPage(), stack);
  await signIn(shop.page, stack, person);
  const underWay = pagesOf(await contexts[1].newPage(), stack);
  await underWay.shop.open('/sign-in');
  await expect(underWay.signInPage.password).toBeVisible();

  const epochs = await Promise.all([mirrorOf(shop.url), mirrorOf(forum.url)]);
  await loseRedis(stack);
  const answers: number[] = [];
  const rebuilt = async () => {
    for (const api of familyApis(stack)) answers.push(await statusAt(api, bannedTokens.access_token));
    const mirrors = await Promise.all([mirrorOf(shop.url), mirrorOf(forum.url)]);
    return mirrors.every((mirror, index) => mirror?.state === 'fresh' && mirror.epoch !== epochs[index]?.epoch);
  };
  await expect.poll(rebuilt, { timeout: 30_000, intervals: [50] }).toBe(true);
  answers.push(...(await Promise.all(familyApis(stack).map((api) => statusAt(api, bannedTokens.access_token)))));
  expect(answers, 'never accepted again').not.toContain(200);
  expect(answers.slice(-3)).toEqual([401, 401, 401]);

  await shop.open('/orders');
  await expect(shop.greeting(person.name)).toBeVisible();
  for (const application of [forum, dashboard]) {
    await application.open('/sign-in');
    await expect(application.greeting(person.name)).toBeVisible(); // by the session at the provider
  }

  const late = await nextPerson();
  await underWay.signInPage.signIn(late);
  await expect(underWay.signInPage.tooLate).toBeVisible();
  await underWay.shop.page.getByRole('link', { name: 'Go to Shop' }).click();
  await underWay.signInPage.signIn(late);
  await expect(underWay.shop.greeting(late.name)).toBeVisible();
  for (const each of contexts) await each.close();
});

test('F-01: a node dies between the sign-in page and its submission: the sign-in goes on', async ({
  page,
  stack,
  person,
}) => {
  const { shop, forum, dashboard, signInPage } = pagesOf(page, stack);
  await shop.open('/sign-in');
  await expect(signInPage.password).toBeVisible();
  const uid = new URL(page.url()).pathname;
  const shownBy = async () => (await nodesThatServed(stack, ({ path }) => path === uid))[0];
  await expect.poll(shownBy).toBeDefined();
  const name = await shownBy();
  for (const node of nodesOf(stack)) if (node.name === name) kill(node);

  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await shop.walkTo('Forum');
  await expect(forum.greeting(person.name)).toBeVisible();
  await forum.walkTo('Dashboard');
  await expect(dashboard.greeting(person.name)).toBeVisible();
});

test('F-01: a node dies while it holds the submitted sign-in: one retry at most', async ({ page, stack, person }) => {
  const { shop, forum, signInPage } = pagesOf(page, stack);
  await shop.open('/sign-in');
  await signInPage.email.fill(person.email);
  await signInPage.password.fill(person.password);
  const victim = await nextInTurn(stack);
  process.kill(victim.pid, 'SIGSTOP'); // it takes the request and does not get to answering it
  const submitted = page.waitForRequest((request) => request.method() === 'POST');
  await signInPage.submit.click({ noWaitAfter: true });
  await submitted;
  kill(victim);

  const lost = page.getByText('The node ended before it answered');
  await expect(lost.or(shop.greeting(person.name))).toBeVisible();
  if (await lost.isVisible()) {
    await page.goBack();
    await signInPage.signIn(person);
  }
  await expect(shop.greeting(person.name)).toBeVisible();
  await shop.walkTo('Forum');
  await expect(forum.greeting(person.name)).toBeVisible();
});

test('the provider is gone: applications say so, and go on for whoever is signed in there', async ({
  page,
  browser,
  context,
  stack,
  person,
}) => {
  const { shop, forum, signInPage } = pagesOf(page, stack);
  const unreachable = page.getByRole('heading', { name: 'Sign-in cannot be reached' });
  await signIn(page, stack, person);
  // It dies when the person is already on the way back to the forum, and the forum still has to ask it.
  const there = await redirectOf(context.request, `${forum.url}/sign-in`);
  const back = await redirectOf(context.request, there);
  for (const node of nodesOf(stack)) if (isAlive(node)) kill(node);
  await page.goto(back);
  await expect(unreachable).toBeVisible();
  await expect(page.getByRole('link', { name: 'Try again' })).toBeVisible();
  // From a moment later on, nobody is sent to an address that does not answer.
  await expect(async () => {
    await forum.open('/sign-in');
    await expect(page).toHaveURL(`${forum.url}/sign-in`, { timeout: 100 });
  }).toPass();
  await expect(unreachable).toBeVisible();

  await shop.open('/orders');
  await expect(shop.greeting(person.name)).toBeVisible();
  await shop.walkTo('Forum');
  await expect(forum.signIn, 'the forum can be read').toBeVisible();
  await expect(signInPage.password).toBeHidden();

  const stranger = await browser.newContext();
  const elsewhere = pagesOf(await stranger.newPage(), stack);
  await elsewhere.shop.open('/sign-in');
  await expect(elsewhere.shop.page.getByText('Nothing is wrong with your account')).toBeVisible();
  await stranger.close();
});

async function signIn(page: Page, stack: Stack, person: Person): Promise<void> {
  const { shop, signInPage } = pagesOf(page, stack);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
}

async function oneSignIn(page: Page, stack: Stack, person: Person): Promise<void> {
  await signIn(page, stack, person);
  const { shop, forum, dashboard } = pagesOf(page, stack);
  await shop.walkTo('Forum');
  await expect(forum.greeting(person.name)).toBeVisible();
  await forum.walkTo('Dashboard');
  await expect(dashboard.greeting(person.name)).toBeVisible();
}

/** The living node that the load balancer will choose for the next request: the first one round that it did not choose now. */
async function nextInTurn(stack: Stack): Promise<{ name: string; pid: number }> {
  const nodes = nodesOf(stack);
  const answered = await fetch(stack.urls.idp);
  const id = answered.headers.get('x-request-id');
  const now = async () => (await nodesThatServed(stack, ({ requestId }) => requestId === id))[0];
  await expect.poll(now).toBeDefined();
  const name = await now();
  const turn = nodes.findIndex((node) => node.name === name);
  const round = [...nodes.slice(turn + 1), ...nodes.slice(0, turn)];
  for (const node of round) if (isAlive(node)) return node;
  throw new Error('no other node is alive');
}

async function redirectOf(browser: APIRequestContext, url: string): Promise<string> {
  const response = await browser.get(url, { maxRedirects: 0 });
  return String(response.headers()['location']);
}

function isAlive({ pid }: { pid: number }): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
