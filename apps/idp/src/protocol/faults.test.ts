import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, claimsOf, hiddenField, startIdp, type Page, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let client: string;
/** A node that reaches PostgreSQL by a cable we can cut. */
let cutOff: string;
let cable: Awaited<ReturnType<typeof layCable>>;
beforeAll(async () => {
  idp = await startIdp();
  cable = await layCable(new URL(idp.database.url));
  cutOff = await idp.node({ databaseUrl: cable.url });
  client = await idp.declare();
}, 60_000);
afterAll(async () => {
  await idp[Symbol.asyncDispose]();
  cable.cut();
});

describe('Redis loses everything', () => {
  test('F-04: a sign-in under way gets a page with the way back; who is signed in stays, refresh tokens and grants too', async () => {
    const signedIn = await idp.tokens(client);
    const late = idp.browser();
    const page = await late.authorize(authorizationRequest(client));
    await idp.memory.flushall();

    const { email } = await idp.person();
    const lost = await late.submit(page, email);
    expect(lost.response.status).toBe(410);
    expect(lost.text).toContain('href="https://app.example/"');
    expect((await late.signIn(authorizationRequest(client), email)).url.searchParams.has('code')).toBe(true);

    const silent = await idp.tokens(client, { prompt: 'none' }, signedIn);
    expect(claimsOf(silent.access_token)['sid']).toBe(claimsOf(signedIn.access_token)['sid']);
    expect(await refresh(idp.origin, signedIn.refresh_token)).toBe(200);
  });

  test('a code under way is refused as a code that does not exist, and the next one works without a password', async () => {
    const signedIn = await idp.tokens(client);
    const request = authorizationRequest(client);
    const { url } = await signedIn.browser.authorize(request);
    await idp.memory.flushall();
    const { status, body } = await idp.token(client, {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: request.params['redirect_uri'] ?? '',
      code_verifier: request.verifier,
    });
    expect([status, body['error']]).toEqual([400, 'invalid_grant']);
    expect((await idp.tokens(client, { prompt: 'none' }, signedIn)).access_token).toBeTruthy();
  });

  test('a sign-out page printed before is asked again, and signs nobody out by itself', async () => {
    const { browser } = await idp.tokens(client);
    const question = await browser.go('/session/end');
    await idp.memory.flushall();
    const form = { xsrf: hiddenField(question.text, 'xsrf'), logout: 'yes' };
    expect((await browser.post('/session/end/confirm', form)).text).toContain('You are signed out');
  });
});

test('F-03: without Redis refresh goes on, what needs it is a 503 page with Retry-After, and nothing is a 500', async () => {
  const signedIn = await idp.tokens(client);
  const waiting = idp.browser();
  const page = await waiting.authorize(authorizationRequest(client));
  await idp.redis.kill();
  try {
    const refreshed = await idp.token(client, { grant_type: 'refresh_token', refresh_token: signedIn.refresh_token });
    expect(refreshed.status).toBe(200);
    const pages = [
      await idp.browser().authorize(authorizationRequest(client)),
      await signedIn.browser.authorize(authorizationRequest(client)),
      await waiting.go(page.url.href),
      await waiting.submit(page, 'somebody@example.org'),
      await idp.browser().go('/session/end'),
    ];
    expectUnavailable(pages);
    const silent = await signedIn.browser.authorize(authorizationRequest(client, { prompt: 'none' }));
    expect(silent.url.searchParams.get('error')).toBe('temporarily_unavailable'); // the application goes on without
    await expectMetadata(idp.origin);
  } finally {
    await idp.redis.restart();
  }
  await eventually(async () => (await idp.browser().authorize(authorizationRequest(client))).response.status === 200);
  expect((await idp.tokens(client, { prompt: 'none' }, signedIn)).access_token).toBeTruthy();
});

test('F-10: without PostgreSQL everything that needs it is 503 with Retry-After and never 500; keys and metadata go on; it recovers', async () => {
  const signedIn = await idp.tokens(client);
  const opaque = await idp.tokens(client, { resource: '', scope: 'openid' }, signedIn);
  const waiting = idp.browser(cutOff);
  const page = await waiting.authorize(authorizationRequest(client));
  const known = idp.browser(cutOff);
  for (const [name, cookie] of signedIn.browser.cookies) known.cookies.set(name, cookie);
  const { email } = await idp.person();
  const joining = await known.go('/register');
  const csrf = hiddenField(joining.text, 'csrf');
  cable.cut();

  const token = (fields: Record<string, string>) => idp.token(client, fields, { at: cutOff });
  const api = [
    await token({ grant_type: 'refresh_token', refresh_token: signedIn.refresh_token }),
    await fetch(`${cutOff}/me`, { headers: { authorization: `Bearer ${opaque.access_token}` } }),
  ];
  expectUnavailable([
    await known.authorize(authorizationRequest(client)),
    await known.go('/session/end'),
    await known.go('/'),
    await known.go('/account'),
    await known.go(`/reset-password/new?token=${'x'.repeat(43)}`),
    await known.post('/register', { csrf, email: 'somebody.new@example.org' }),
    await waiting.submit(page, email),
  ]);
  expect(api.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(api.map(() => [503, '2']));
  const silent = await known.authorize(authorizationRequest(client, { prompt: 'none' }));
  expect(silent.url.searchParams.get('error')).toBe('temporarily_unavailable');
  const stranger = { prompt: 'none', redirect_uri: 'https://evil.example/' };
  const misled = await known.authorize(authorizationRequest(client, stranger)); // R-01 holds here too
  expect([misled.response.status, misled.url.origin]).toEqual([400, idp.origin]);
  await expectMetadata(cutOff);
  expect((await fetch(`${cutOff}/health/live`)).status).toBe(200);

  cable.mend();
  await eventually(async () => (await refresh(cutOff, signedIn.refresh_token)) === 200);
  expect((await waiting.submit(page, email)).url.searchParams.has('code')).toBe(true);
});

/** A page that says to wait, how long, and nothing of what is inside. */
function expectUnavailable(pages: Page[]): void {
  const told = pages.map(({ response, url }) => [
    response.status,
    url.origin,
    /^\d+$/.test(response.headers.get('retry-after') ?? ''),
  ]);
  expect(told).toEqual(pages.map(() => [503, idp.origin, true]));
  expect(
    pages.filter(({ text }) => !text.includes('Portcullis') || /\.ts:\d+|ECONN|postgres|redis/i.test(text)),
  ).toEqual([]);
}

async function expectMetadata(at: string): Promise<void> {
  const paths = ['/jwks', '/.well-known/openid-configuration'];
  const statuses = await Promise.all(paths.map(async (path) => (await fetch(at + path)).status));
  expect(statuses).toEqual([200, 200]);
}

async function refresh(at: string, refreshToken: string): Promise<number> {
  return (await idp.token(client, { grant_type: 'refresh_token', refresh_token: refreshToken }, { at })).status;
}

/** A way to a database that can be cut: what was connected is reset, and who dials anew is hung up on. */
async function layCable(database: URL) {
  const ends = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = dial(Number(database.port || 5432), database.hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.on('error', () => {}).on('close', () => other.destroy());
      end.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const url = new URL(database);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut(): void {
      whole = false;
      for (const end of ends) end.destroy();
    },
    mend(): void {
      whole = true;
    },
  };
}
