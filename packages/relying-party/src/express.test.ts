import { fileURLToPath } from 'node:url';
import {
  createTraveller,
  demo,
  eventually,
  freePort,
  startNodeProcess,
  startPortcullis,
  startRedis,
  testClientSecret,
  type TestPortcullis,
} from '@portcullis/testing';
import { createPublisher } from '@portcullis/revocation';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';

const example = fileURLToPath(new URL('../examples/express.ts', import.meta.url));
const deliveredWithin = { withinMs: 20_000 };
let started: AsyncDisposableStack;
let portcullis: TestPortcullis;
let url: string;

/** Hears of revocations by back-channel logout alone: in the Redis it follows nobody writes. */
let cutOff: string;
/** Hears of them over HTTPS and knows no Redis at all. */
let fed: string;

beforeAll(async () => {
  started = new AsyncDisposableStack();
  url = `http://localhost:${await freePort()}`;
  cutOff = `http://localhost:${await freePort()}`;
  fed = `http://localhost:${await freePort()}`;
  portcullis = started.use(
    await startPortcullis([
      declaration('notes', url),
      declaration('cut-off', cutOff),
      { ...declaration('fed', fed), feed: true, backchannelLogoutUri: null },
    ]),
  );
  const silent = started.use(await startRedis());
  const client = started.adopt(new Redis(silent.url), (it) => it.disconnect());
  await createPublisher(client).rebuild([], 0);
  started.use(startExample('notes', url, { REDIS_URL: portcullis.redis.url }));
  started.use(startExample('cut-off', cutOff, { REDIS_URL: silent.url }));
  started.use(startExample('fed', fed, { REVOCATIONS_FROM: 'feed' }));
  for (const each of [url, cutOff, fed]) await eventually(async () => (await fetch(each)).ok, { withinMs: 30_000 });
}, 120_000);
afterAll(() => started.disposeAsync());

function declaration(id: string, at: string) {
  return {
    id,
    redirectUris: [`${at}/callback`],
    postLogoutRedirectUris: [`${at}/signed-out`],
    backchannelLogoutUri: `${at}/backchannel-logout`,
    uri: at,
  };
}

function startExample(id: string, at: string, env: Record<string, string>) {
  return startNodeProcess(example, {
    PORT: new URL(at).port,
    BASE_URL: at,
    ISSUER: portcullis.issuer,
    CLIENT_ID: id,
    CLIENT_SECRET: testClientSecret,
    COOKIE_KEYS: 'a cookie key for tests of at least 32 characters',
    LOG_LEVEL: 'error',
    ...env,
  });
}

async function signedIn(email: string, at = url) {
  const traveller = createTraveller();
  await traveller.visit(`${at}/notes`);
  const notes = await traveller.submit({ email, password: demo.password });
  expect(notes).toMatchObject({ status: 200, text: expect.stringContaining('Notes of ') });
  return traveller;
}

test('an Express application signs people in, guards its pages and forms, and signs them out', async () => {
  const stranger = createTraveller();
  expect((await stranger.visit(url)).text).toContain('Sign in');

  const alice = await signedIn(demo.alice);
  expect((await alice.visit(url)).text).toMatch(/^Hello Alice/);

  await alice.visit(`${url}/notes`);
  expect((await alice.submit({ note: 'milk' })).text).toContain('"note":"milk"');
  await alice.visit(`${url}/notes`);
  expect((await alice.submit({ note: 'milk', csrf: 'forged' })).status).toBe(403);

  await alice.visit(`${url}/notes`);
  await alice.submit({ here: '1' });
  expect((await alice.visit(url)).text).toContain('Sign in');
}, 60_000);

test('what the application answers carries none of our headers, and our own pages carry them all', async () => {
  const theirs = await fetch(url);
  expect(theirs.headers.get('content-security-policy')).toBeNull();
  expect(theirs.headers.get('x-powered-by')).toBe('Express');

  const ours = await fetch(`${url}/signed-out`, { headers: { accept: 'text/html' } });
  expect(ours.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await ours.text()).toContain('You are signed out');
});

test('without a session a script is refused with 401', async () => {
  const answer = await fetch(`${url}/notes`, { headers: { accept: 'application/json' } });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ error: 'sign_in_required' });
});

test('a page for recent sign-ins opens after one', async () => {
  const alice = await signedIn(demo.alice);
  expect((await alice.visit(`${url}/secrets`)).text).toBe('Signed in lately');
}, 60_000);

test('the identity provider asks again whoever signed in longer ago than the application wants', async () => {
  const alice = await signedIn(demo.alice);
  const isBack = (next: URL) => next.origin === url;
  const page = await eventually(async () => {
    const asked = await fetch(`${url}/sign-in?max_age=1`, { redirect: 'manual' });
    const stop = await alice.visit(asked.headers.get('location') ?? '', isBack);
    return stop.status === 200 && stop;
  });
  expect(page && page.text).toContain('name="password"');
}, 60_000);

test('R-37 an application cut off from the denylist hears of the end of a session by back-channel logout', async () => {
  const alice = await signedIn(demo.alice, cutOff);
  expect((await alice.visit(`${cutOff}/notes`)).status).toBe(200);

  await portcullis.operate('revoke', '--account', demo.alice, '--reason', 'test');

  const page = await eventually(async () => {
    const stop = await alice.visit(`${cutOff}/notes`);
    return stop.status === 401 ? stop : undefined;
  }, deliveredWithin);
  expect(page?.text).toContain('This session was ended');
}, 60_000);

test('R-37 back-channel logout of one session ends that one, and leaves the person’s others', async () => {
  const sessionIds = async () => {
    const sessions = JSON.parse(await portcullis.operate('sessions', 'list', demo.alice, '--json')) as { id: string }[];
    return sessions.map(({ id }) => id);
  };
  const before = await sessionIds();
  const one = await signedIn(demo.alice, cutOff);
  const id = (await sessionIds()).find((each) => !before.includes(each)) ?? '';
  const other = await signedIn(demo.alice, cutOff);

  await portcullis.operate('sessions', 'end', demo.alice, '--id', id);

  const page = await eventually(async () => {
    const stop = await one.visit(`${cutOff}/notes`);
    return stop.status === 401 ? stop : undefined;
  }, deliveredWithin);
  expect(page?.text).toContain('This session was ended');
  expect((await other.visit(`${cutOff}/notes`)).status).toBe(200);
}, 60_000);

test('a ban ends every session at the next click, with the reason, whether heard of from Redis or from the feed', async () => {
  const visits = [
    { bob: await signedIn(demo.bob), at: url },
    { bob: await signedIn(demo.bob, fed), at: fed },
  ];

  await portcullis.operate('ban', demo.bob, '--reason', 'test');

  for (const { bob, at } of visits) {
    const page = await eventually(async () => {
      const stop = await bob.visit(`${at}/notes`);
      return stop.status === 401 ? stop : undefined;
    });
    expect(page?.text).toContain('Your account has been blocked');
    expect(page?.text).toContain('write to whoever runs this site');
  }
}, 60_000);
