import { eventually, startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { openFamily, revocation, startApp } from './test-app.ts';

const { provider, app } = await openFamily();

async function signedIn(at = app) {
  const browser = at.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  return browser;
}

/** A session whose access token is at its end, so that the next request must renew it. */
async function spent(at = app) {
  provider.state.accessSeconds = 5;
  const browser = await signedIn(at);
  provider.state.accessSeconds = 300;
  provider.state.refreshes = 0;
  return browser;
}

async function redisServer() {
  const server = await startRedis();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test('R-58 fifty requests on an expired token: one refresh, and all of them go on', async () => {
  const browser = await spent();

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => app.browser(new Map(browser.cookies)).get('/private')),
  );

  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(provider.state).toMatchObject({ refreshes: 1, reuses: 0 });
});

test('R-58 fifty requests over two instances and one Redis: one refresh', async () => {
  const { url: redisUrl } = await redisServer();
  await using one = await startApp(provider, { redisUrl });
  await using two = await startApp(provider, { redisUrl });
  const browser = await spent(one);
  const gate = Promise.withResolvers<void>();
  provider.state.refreshGate = gate.promise;

  const asked = Array.from({ length: 50 }, (_, i) =>
    (i % 2 ? one : two).browser(new Map(browser.cookies)).get('/private'),
  );
  await eventually(() => provider.state.refreshes > 0);
  gate.resolve();
  const answers = await Promise.all(asked);

  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(provider.state).toMatchObject({ refreshes: 1, reuses: 0 });
});

test('R-58 a late request with the old cookie, at the other instance, gets the new session', async () => {
  const { url: redisUrl } = await redisServer();
  await using one = await startApp(provider, { redisUrl });
  await using two = await startApp(provider, { redisUrl });
  const browser = await spent(one);
  const late = two.browser(new Map(browser.cookies));
  await browser.get('/private');

  const answer = await late.get('/private');

  expect(JSON.parse(answer.text).accessToken).toBe(provider.state.issued.at(-1));
  expect(provider.state).toMatchObject({ refreshes: 1, reuses: 0 });
});

test('R-58 what Redis keeps of a refresh is encrypted and short-lived', async () => {
  const { url: redisUrl } = await redisServer();
  await using one = await startApp(provider, { redisUrl });
  const browser = await spent(one);
  await browser.get('/private');
  const redis = new Redis(redisUrl);

  const names = await redis.keys('*');
  const [values, lives] = [await redis.mget(names), await Promise.all(names.map((name) => redis.pttl(name)))];

  expect(names).toHaveLength(1);
  expect(values.join()).not.toContain(provider.state.issued.at(-1)?.split('.')[1]);
  expect(lives.every((ms) => ms > 0 && ms <= 30_000)).toBe(true);
  redis.disconnect();
});

test('F-03 F-05 a paused Redis does not keep an instance from renewing', async () => {
  const server = await redisServer();
  await using one = await startApp(provider, { redisUrl: server.url });
  const browser = await spent(one);
  server.pause();
  const begun = performance.now();

  expect(await browser.get('/private')).toMatchObject({ status: 200 });
  expect(performance.now() - begun).toBeLessThan(4000);
  server.resume();
});

test('a renewed session carries what is new: roles, and a token good for a while', async () => {
  const browser = await spent();
  provider.state.roles = ['analyst', 'moderator'];

  const first = JSON.parse((await browser.get('/private')).text);
  await browser.get('/private');

  expect(first.roles).toEqual(['analyst', 'moderator']);
  expect(first.name).toBe('Alice Ash');
  expect(provider.state.refreshes).toBe(1);
});

test('a refused refresh ends the session with a page that says so', async () => {
  const browser = await spent();
  provider.state.tokenStatus = { status: 400, body: { error: 'invalid_grant' } };

  const page = await browser.get('/private');

  expect(page.status).toBe(401);
  expect(page.text).toContain('Your session has ended');
  expect(page.text).toContain('href="/sign-in?return_to=%2Fprivate"');
  expect(browser.cookies.has('shop_session')).toBe(false);
});

test('F-10 the provider is down: the session goes on while its token lives, then 503 and the session is kept', async () => {
  const alive = await spent();
  provider.state.refreshStatus = 503;
  expect(await alive.get('/private')).toMatchObject({ status: 200 });

  provider.state.accessSeconds = 0;
  const dead = await signedIn();
  const page = await dead.get('/private');
  expect(page.status).toBe(503);
  expect(page.text).toContain('Sign-in cannot be reached');

  provider.state.refreshStatus = 200;
  expect(await dead.get('/private')).toMatchObject({ status: 200 });
});

test('a refreshed token of another person is not believed', async () => {
  const browser = await spent();
  provider.state.sub = 'mallory';
  provider.state.accessSeconds = 0;
  const expired = await (async () => {
    provider.state.sub = 'alice';
    const made = await signedIn();
    provider.state.sub = 'mallory';
    return made;
  })();

  expect((await expired.get('/private')).text).toContain('token_not_trusted');
  // One whose own token still lives goes on with that.
  expect((await browser.get('/private')).text).toContain('"sub":"alice"');
});

test('changed roles: the session is renewed at once instead of ended', async () => {
  const browser = await signedIn();
  provider.state.roles = ['moderator'];
  // The act is rounded up to a whole second: at the beginning of one, that is the longest to wait.
  await eventually(() => Date.now() % 1000 < 100);
  const before = Math.ceil(Date.now() / 1000);
  const entry = revocation('roles_changed', { issuedBefore: before });
  const check = (claims: { iat?: number }) =>
    (claims.iat ?? 0) <= before ? ({ state: 'revoked', entry } as const) : ({ state: 'clear' } as const);
  await using fresh = await startApp(provider, { mirror: { check, add: () => {}, onKeysChanged: () => () => {} } });

  const page = await fresh.browser(new Map(browser.cookies)).get('/private');

  expect(page.status).toBe(200);
  expect(JSON.parse(page.text).roles).toEqual(['moderator']);
});
