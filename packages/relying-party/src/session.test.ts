import { Secret } from '@portcullis/config';
import { createMirror, createPublisher, redisSource, type Cause } from '@portcullis/revocation';
import { eventually, startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { cookieKey, openFamily, revocation, startApp } from './test-app.ts';

const { provider, app } = await openFamily();

async function signedIn(at = app) {
  const browser = at.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  return browser;
}

async function redisServer() {
  const server = await startRedis();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test('the denylist is asked on every request, with everything an entry may aim at', async () => {
  const browser = await signedIn();
  app.says.asked = [];

  await browser.get('/');
  await browser.get('/');

  expect(app.says.asked).toHaveLength(2);
  expect(app.says.asked[0]).toMatchObject({ sub: 'alice', sid: 'sso-session.shop', client_id: 'shop' });
  expect(app.says.asked[0]?.jti).toBeTruthy();
  expect(app.says.asked[0]?.iat).toBeTypeOf('number');
});

test.for<[Cause, string]>([
  ['ban', 'blocked'],
  ['sign_out', 'You signed out'],
  ['session_ended', 'list of your sessions'],
  ['password_changed', 'password'],
  ['refresh_reuse', 'copied'],
  ['account_deleted', 'deleted'],
])('a session ended by %s is gone at once, and the page says why', async ([cause, words]) => {
  const browser = await signedIn();
  app.says.verdict = { state: 'revoked', entry: revocation(cause) };

  const page = await browser.get('/');

  expect(page.status).toBe(401);
  expect(page.text).toContain('You were signed out');
  expect(page.text).toContain(words);
  expect(browser.cookies.has('shop_session')).toBe(false);
  expect(await browser.get('/')).toMatchObject({ status: 200, text: 'nobody' });
});

test('a session that ended answers an API call and a form with 401 and no page to click on', async () => {
  const browser = await signedIn();
  app.says.verdict = { state: 'revoked', entry: revocation('ban') };

  const answer = await browser.get('/', { accept: 'application/json' });

  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toMatchObject({ error: 'session_ended', request_id: expect.any(String) });
});

test('a copied cookie is refused as well: the session is ended, not only forgotten by one browser', async () => {
  const browser = await signedIn();
  const copy = app.browser(new Map(browser.cookies));
  app.says.verdict = { state: 'revoked', entry: revocation('sign_out') };

  await browser.get('/');

  expect(await copy.get('/')).toMatchObject({ status: 401 });
});

test('F-08 when nobody can say whether the session is valid: 503, and the session is kept for later', async () => {
  const browser = await signedIn();
  app.says.verdict = { state: 'unknown', readsAllowed: false };

  const page = await browser.get('/private');
  expect(page.status).toBe(503);
  expect(page.text).toContain('You are not signed out');
  expect(page.headers.get('retry-after')).not.toBeNull();

  app.says.verdict = { state: 'clear' };
  expect(await browser.get('/private')).toMatchObject({ status: 200 });
});

test('F-08 visitors without a session are served whatever the denylist says', async () => {
  app.says.verdict = { state: 'unknown', readsAllowed: false };

  expect(await app.browser().get('/')).toMatchObject({ status: 200, text: 'nobody' });
});

test('a ban published to a real Redis ends the session within a second', async () => {
  const server = await redisServer();
  const redis = new Redis(server.url);
  const publisher = createPublisher(redis);
  await publisher.rebuild([], 0);
  await using mirror = createMirror({ source: redisSource({ url: server.url }), app: 'shop', instance: '1' });
  await using shop = await startApp(provider, { mirror, redisUrl: server.url });
  await mirror.ready();
  const browser = await signedIn(shop);
  expect(await browser.get('/private')).toMatchObject({ status: 200 });

  await publisher.publish([revocation('ban')]);

  const ended = eventually(async () => (await browser.get('/private')).text.includes('blocked'), { withinMs: 1000 });
  expect(await ended).toBe(true);
  redis.disconnect();
});

test('a session too long for one cookie travels in several and comes back whole', async () => {
  provider.state.roles = Array.from({ length: 110 }, (_, i) => `a-rather-long-role-${i}`);
  const browser = await signedIn();

  expect([...browser.cookies.keys()].filter((name) => name.startsWith('shop_session.'))).toEqual([
    'shop_session.0',
    'shop_session.1',
  ]);
  for (const value of browser.cookies.values()) expect(value.length).toBeLessThan(4000);
  expect(JSON.parse((await browser.get('/private')).text).roles).toHaveLength(110);
});

test('A-27 a cookie that was altered, cut short or made for another purpose is no session', async () => {
  const browser = await signedIn();
  const value = browser.cookies.get('shop_session') ?? '';
  const begun = app.browser();
  await begun.get('/sign-in');
  const other = [...begun.cookies.values()].at(-1) ?? '';
  const middle = Math.floor(value.length / 2);
  const flipped = value.slice(0, middle) + (value[middle] === 'A' ? 'B' : 'A') + value.slice(middle + 1);

  for (const forged of [flipped, value.slice(0, -1), value.slice(1), other, 'x', 'a.b.c.d.e', `${value}.${value}`]) {
    const answer = await app.browser(new Map([['shop_session', forged]])).get('/');
    expect(answer).toMatchObject({ status: 200, text: 'nobody' });
  }
  expect((await browser.get('/')).text).toContain('alice');
});

test('cookie keys are rotated without ending sessions; a key that left opens nothing', async () => {
  const browser = await signedIn();
  const newer = new Secret('another cookie key that is long enough too');
  await using rotated = await startApp(provider, { cookie: { name: 'shop_session', keys: [newer, cookieKey] } });
  await using later = await startApp(provider, { cookie: { name: 'shop_session', keys: [newer] } });

  expect((await rotated.browser(new Map(browser.cookies)).get('/')).text).toContain('alice');
  expect((await later.browser(new Map(browser.cookies)).get('/')).text).toBe('nobody');
});

test('without a session a page leads to the sign-in and anything else is 401', async () => {
  const browser = app.browser();

  expect(await browser.get('/private')).toMatchObject({ status: 303, location: '/sign-in?return_to=%2Fprivate' });
  expect(await browser.get('/private', { accept: 'application/json' })).toMatchObject({ status: 401 });
  expect(await browser.post('/things')).toMatchObject({ status: 401 });
});

test('R-61 a form of a signed-in person needs the token of this session', async () => {
  const [alice, other] = [await signedIn(), await signedIn()];

  expect(await alice.post('/things')).toMatchObject({ status: 200, text: 'done' });
  expect(await alice.post('/things', { csrf: 'x' })).toMatchObject({ status: 403 });
  const foreign = /value="([^"]+)"/.exec((await other.get('/form')).text)?.[1] ?? '';
  expect(await alice.post('/things', { csrf: foreign })).toMatchObject({ status: 403 });
});
