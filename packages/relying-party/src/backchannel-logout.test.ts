import { randomUUID } from 'node:crypto';
import { createMirror, createPublisher, redisSource, type Mirror } from '@portcullis/revocation';
import { startRedis, type TestRedis } from '@portcullis/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { CompactEncrypt, decodeJwt, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startApp, type TestApp } from './test-app.ts';
import { clientId, startProvider, testKey, type TestProvider } from './test-provider.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
type Claims = Record<string, unknown>;

let provider: TestProvider;
let redis: TestRedis;
let mirror: Mirror;
let app: TestApp;

beforeAll(async () => {
  provider = await startProvider();
  redis = await startRedis();
  const client = new Redis(redis.url);
  await createPublisher(client).rebuild([], 0);
  client.disconnect();
});
beforeEach(async () => {
  provider.state.sid = 'sso-session.shop';
  mirror = createMirror({
    source: redisSource({ url: redis.url }),
    app: 'shop',
    instance: randomUUID(),
    maxStalenessMs: 60_000,
  });
  await mirror.ready();
  app = await startApp(provider, { mirror });
  onTestFinished(async () => {
    await app[Symbol.asyncDispose]();
    await mirror[Symbol.asyncDispose]();
  });
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const now = () => Math.floor(Date.now() / 1000);
function claims(over: Claims = {}): Claims {
  const { sub, sid } = provider.state;
  const times = { iat: now(), exp: now() + 120 };
  return { iss: provider.url, aud: clientId, jti: randomUUID(), sub, sid, events: { [event]: {} }, ...times, ...over };
}
const logoutToken = (over: Claims = {}, header: Claims = {}) =>
  provider.signed(claims(over), { typ: 'logout+jwt', ...header });

function send(body: BodyInit | null, headers: Record<string, string> = {}) {
  return fetch(`${app.url}/backchannel-logout`, { method: 'POST', body, headers, redirect: 'manual' });
}
const deliver = async (token: string | Promise<string>) => send(new URLSearchParams({ logout_token: await token }));

async function signedIn() {
  const browser = app.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  return browser;
}

describe('a good logout token', () => {
  test('ends the session at the next click, and says so', async () => {
    const browser = await signedIn();

    const answer = await deliver(logoutToken());

    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toBe('');
    const page = await browser.get('/private');
    expect(page.status).toBe(401);
    expect(page.text).toContain('You were signed out');
  });

  test('with sid ends that session and no other; without sid every session of the person here', async () => {
    provider.state.sid = 'one.shop';
    const one = await signedIn();
    provider.state.sid = 'two.shop';
    const two = await signedIn();

    await deliver(logoutToken({ sid: 'one.shop' }));
    expect((await one.get('/private')).status).toBe(401);
    expect((await two.get('/private')).status).toBe(200);

    await deliver(logoutToken({ sid: undefined }));
    expect((await two.get('/private')).status).toBe(401);
  });

  test('with sid alone is enough', async () => {
    const browser = await signedIn();
    expect((await deliver(logoutToken({ sub: undefined }))).status).toBe(200);
    expect((await browser.get('/private')).status).toBe(401);
  });

  test('repeated is 200 again and does nothing more', async () => {
    const token = await logoutToken();
    expect((await deliver(token)).status).toBe(200);
    const { entries } = mirror.status();

    expect((await deliver(token)).status).toBe(200);
    expect((await deliver(await logoutToken({ jti: decodeJwt(token).jti }))).status).toBe(200);

    expect(mirror.status().entries).toBe(entries);
  });

  test('does not end a session that began after it', async () => {
    await deliver(logoutToken({ sid: undefined, iat: now() - 5 }));
    expect((await (await signedIn()).get('/private')).status).toBe(200);
  });

  test('delivered late spares the session that began after what happened', async () => {
    await deliver(logoutToken({ sid: undefined, toe: now() - 5 }));
    expect((await (await signedIn()).get('/private')).status).toBe(200);
  });

  test('does not reach the tokens of other applications', async () => {
    await deliver(logoutToken({ sid: undefined }));
    expect(mirror.check({ sub: 'alice', client_id: 'dashboard', iat: now() - 1 }).state).toBe('clear');
  });

  test('of a person or session nobody knows here is 200', async () => {
    expect((await deliver(logoutToken({ sub: 'nobody', sid: 'nothing' }))).status).toBe(200);
  });

  test('F-08 works while the mirror is cut off from its source, and outlives its next snapshot', async () => {
    const browser = await signedIn();
    redis.pause();
    try {
      await deliver(logoutToken());
      expect((await browser.get('/private')).status).toBe(401);
    } finally {
      redis.resume();
    }
    expect(mirror.check({ ...provider.state, client_id: clientId, iat: now() - 1 }).state).toBe('revoked');
  });

  test('is remembered until the session could no longer exist', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const day = 24 * 3_600_000;
    await using late = createMirror({ source: redisSource({ url: redis.url }), app: 'shop', instance: randomUUID() });
    await using its = await startApp(provider, { mirror: late });
    const session = { sub: 'alice', sid: 'one.shop', client_id: clientId, iat: now() };
    const body = new URLSearchParams({ logout_token: await logoutToken({ sid: 'one.shop' }) });
    expect((await fetch(`${its.url}/backchannel-logout`, { method: 'POST', body })).status).toBe(200);

    vi.setSystemTime(Date.now() + 14 * day);
    expect(late.check(session).state).toBe('revoked');
    vi.setSystemTime(Date.now() + 60_000);
    expect(late.check(session).state).not.toBe('revoked');
  });

  test('needs no cookie, no form token and no Origin of ours, and harms no cookie that comes along', async () => {
    const browser = await signedIn();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = new URLSearchParams({ logout_token: await logoutToken({ sub: 'bob', sid: 'other.shop' }) });

    const answer = await send(body, { cookie, origin: 'https://issuer.example' });

    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await browser.get('/private')).status).toBe(200);
  });

  test('in RS256 is good for a client registered for it, and only for that one', async () => {
    const rsa = await testKey('rsa-1', 'RS256');
    provider.state.keys = [...provider.state.keys, rsa.publicJwk];
    const token = () => provider.signed(claims(), { typ: 'logout+jwt', alg: 'RS256', kid: 'rsa-1' }, rsa.privateKey);
    await using registered = await startApp(provider, { mirror, signingAlgorithm: 'RS256' });

    const body = new URLSearchParams({ logout_token: await token() });
    expect((await fetch(`${registered.url}/backchannel-logout`, { method: 'POST', body })).status).toBe(200);
    expect((await deliver(token())).status).toBe(400);
  });
});

/** Really signed by the issuer unless it says otherwise: what is named is all that is wrong. */
const forgeries: Record<string, () => string | Promise<string>> = {
  'alg none': async () => {
    const [, body] = (await logoutToken()).split('.');
    return `${Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url')}.${body}.`;
  },
  'no signature': async () => (await logoutToken()).replace(/[^.]+$/, ''),
  'a signature of zeros': async () => (await logoutToken()).replace(/[^.]+$/, Buffer.alloc(64).toString('base64url')),
  'the claims of another token': async () => {
    const [[head, , tail], [, body]] = [(await logoutToken()).split('.'), (await logoutToken()).split('.')];
    return [head, body, tail].join('.');
  },
  'signed by a stranger under our kid': async () =>
    provider.signed(claims(), { typ: 'logout+jwt' }, (await testKey('key-1')).privateKey),
  'a kid nobody knows': () => logoutToken({}, { kid: 'nobody' }),
  'a key of its own in the header': async () => {
    const own = await testKey('own');
    return provider.signed(claims(), { typ: 'logout+jwt', kid: 'own', jwk: own.publicJwk }, own.privateKey);
  },
  'HS256 with the client secret': () =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' })
      .sign(Buffer.from('the secret of the shop, long enough')),
  'HS256 with the public key': () =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt', kid: 'key-1' })
      .sign(Buffer.from(JSON.stringify(provider.key.publicJwk))),
  'a critical extension': () =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ: 'logout+jwt', crit: ['x'], x: 1 })
      .sign(provider.key.privateKey, { crit: { x: true } }),
  'typ missing': () => logoutToken({}, { typ: undefined }),
  'typ JWT, as ID tokens have it': () => logoutToken({}, { typ: 'JWT' }),
  'typ at+jwt': () => logoutToken({}, { typ: 'at+jwt' }),
  'typ secevent+jwt': () => logoutToken({}, { typ: 'secevent+jwt' }),
  'an ID token': () => provider.signed(provider.idClaims(), { typ: 'JWT' }),
  'an ID token with the typ of a logout token': () => provider.signed(provider.idClaims(), { typ: 'logout+jwt' }),
  'an encrypted good token': async () =>
    new CompactEncrypt(Buffer.from(await logoutToken()))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'logout+jwt' })
      .encrypt(await importJWK(provider.key.publicJwk, 'ECDH-ES')),
  'iss missing': () => logoutToken({ iss: undefined }),
  'iss of another': () => logoutToken({ iss: 'https://evil.example' }),
  'iss with a slash more': () => logoutToken({ iss: `${provider.url}/` }),
  'aud missing': () => logoutToken({ aud: undefined }),
  'aud of another client': () => logoutToken({ aud: 'forum' }),
  'aud of this client and another': () => logoutToken({ aud: [clientId, 'forum'] }),
  'aud an empty list': () => logoutToken({ aud: [] }),
  'iat missing': () => logoutToken({ iat: undefined }),
  'iat in the future': () => logoutToken({ iat: now() + 60 }),
  'iat a text': () => logoutToken({ iat: String(now()) }),
  'exp missing': () => logoutToken({ exp: undefined }),
  'exp past': () => logoutToken({ exp: now() - 20 }),
  'exp a text': () => logoutToken({ exp: String(now() + 120) }),
  'nbf in the future': () => logoutToken({ nbf: now() + 60 }),
  'jti missing': () => logoutToken({ jti: undefined }),
  'jti empty': () => logoutToken({ jti: '' }),
  'jti a number': () => logoutToken({ jti: 7 }),
  'events missing': () => logoutToken({ events: undefined }),
  'events a text': () => logoutToken({ events: event }),
  'events a list': () => logoutToken({ events: [event] }),
  'events of another kind': () =>
    logoutToken({ events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} } }),
  'the event not an object': () => logoutToken({ events: { [event]: true } }),
  'the event null': () => logoutToken({ events: { [event]: null } }),
  'a nonce': () => logoutToken({ nonce: 'n' }),
  'a nonce of null': () => logoutToken({ nonce: null }),
  'neither sub nor sid': () => logoutToken({ sub: undefined, sid: undefined }),
  'sub and sid empty': () => logoutToken({ sub: '', sid: '' }),
  'sub an object': () => logoutToken({ sub: { $ne: '' }, sid: undefined }),
  'sid a list': () => logoutToken({ sid: ['sso-session.shop'] }),
  'sub good and sid empty': () => logoutToken({ sid: '' }),
};

describe('R-37 refused with 400, an error in JSON, and no effect', () => {
  async function expectRefusal(answer: Response): Promise<void> {
    expect(answer.status).toBe(400);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ error: 'invalid_request', error_description: expect.any(String) });
    expect(mirror.status().entries).toBe(0);
  }

  test.for(Object.entries(forgeries))('%s', async ([, forge]) => expectRefusal(await deliver(forge())));

  test.for<[string, () => BodyInit | null, Record<string, string>]>([
    ['no body', () => null, {}],
    ['an empty form', () => new URLSearchParams(), {}],
    ['an empty token', () => new URLSearchParams({ logout_token: '' }), {}],
    ['JSON', () => '{"logout_token":"x"}', { 'content-type': 'application/json' }],
    ['two tokens', () => 'logout_token=a&logout_token=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['not a JWT', () => new URLSearchParams({ logout_token: 'x'.repeat(60_000) }), {}],
  ])('%s', async ([, body, headers]) => expectRefusal(await send(body(), headers)));

  test('any other value of any claim that is checked', async () => {
    const good: Record<string, (value: unknown) => boolean> = {
      iss: (value) => value === provider.url,
      aud: (value) => value === clientId || JSON.stringify(value) === `["${clientId}"]`,
      iat: (value) => typeof value === 'number' && value <= now() + 15,
      exp: (value) => typeof value === 'number' && value > now() - 15,
      jti: (value) => typeof value === 'string' && value !== '',
      events: () => false,
      nonce: () => false,
      sid: (value) => typeof value === 'string' && value !== '',
      sub: (value) => typeof value === 'string' && value !== '',
    };
    const change = fc
      .tuple(fc.constantFrom(...Object.keys(good)), fc.jsonValue())
      .filter(([name, value]) => !good[name]?.(value));
    await fc.assert(
      fc.asyncProperty(change, async ([name, value]) => expectRefusal(await deliver(logoutToken({ [name]: value })))),
      { numRuns: 200 },
    );
  });

  test('any bit flipped anywhere', async () => {
    const token = await logoutToken();
    const places = fc.tuple(fc.nat(token.length - 1), fc.integer({ min: 0, max: 6 }));
    const flipped = places.map(
      ([at, bit]) => token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1),
    );
    // The last character of a signature has bits that mean nothing.
    const meansElse = flipped.filter((text) => text.slice(0, -1) !== token.slice(0, -1));
    await fc.assert(
      fc.asyncProperty(meansElse, async (text) => expectRefusal(await deliver(text))),
      { numRuns: 200 },
    );
  });
});

test('more than 64 kB is not read', async () => {
  const answer = await send(new URLSearchParams({ logout_token: 'x'.repeat(70_000) })).catch(() => undefined);
  expect(answer?.status ?? 413).toBe(413);
});

test('keys that cannot be had are our trouble and not the token’s: the sender is told to try again', async () => {
  await using other = await startProvider();
  await using lonely = await startApp(other, { mirror });
  other.state.down = true;

  const answer = await fetch(`${lonely.url}/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: await logoutToken() }),
  });

  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
});

test('only POST', async () => {
  expect((await fetch(`${app.url}/backchannel-logout`)).status).toBe(404);
});
