import { createPublicKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startApp, type TestApp } from './test-app.ts';
import { clientId, startProvider, testKey, type TestProvider } from './test-provider.ts';

let provider: TestProvider;
let app: TestApp;
let good: TestProvider['state'];

beforeAll(async () => {
  provider = await startProvider();
  good = { ...provider.state };
  app = await startApp(provider);
});
afterEach(() => {
  Object.assign(provider.state, { ...good, codesRedeemed: 0 });
  app.says.verdict = { state: 'clear' };
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const nobody = async (browser: ReturnType<TestApp['browser']>) => (await browser.get('/')).text;

test('a person signs in, comes back to where they were, and is known there', async () => {
  const browser = app.browser();

  const asked = await browser.get('/private?x=1');
  expect(asked).toMatchObject({ status: 303, location: '/sign-in?return_to=%2Fprivate%3Fx%3D1' });
  const done = await browser.signIn(asked.location ?? '');

  expect(done).toMatchObject({ status: 303, location: '/private?x=1' });
  const session = JSON.parse((await browser.get('/private')).text);
  expect(session).toMatchObject({
    sub: 'alice',
    sid: 'sso-session.shop',
    name: 'Alice Ash',
    email: 'alice@example.com',
    roles: ['analyst'],
  });
});

test('R-55 each sign-in has its own state, nonce and challenge, and asks for the resource', async () => {
  const browser = app.browser();
  const asked = await Promise.all([browser.get('/sign-in'), browser.get('/sign-in')]);
  const params = asked.map(({ location }) => Object.fromEntries(new URL(location ?? '').searchParams));

  for (const param of params) {
    expect(param).toMatchObject({
      response_type: 'code',
      client_id: clientId,
      code_challenge_method: 'S256',
      redirect_uri: `${app.url}/callback`,
      resource: 'urn:portcullis:family',
    });
  }
  for (const name of ['state', 'nonce', 'code_challenge']) expect(params[0]?.[name]).not.toBe(params[1]?.[name]);
});

test('R-58 R-31 no token in what the browser gets, and its cookies are HttpOnly, Lax and for the whole host', async () => {
  const browser = app.browser();
  const { setCookies } = await browser.signIn();
  const token = provider.state.issued.at(-1) ?? '-';

  const session = setCookies.find((line) => line.startsWith('shop_session=')) ?? '';
  expect(session).toMatch(/; path=\/; /);
  expect(session).toMatch(/samesite=lax; httponly/i);
  expect(setCookies.join()).not.toContain(token.split('.')[1]);
  expect(setCookies.some((line) => /^shop_session_signin_[^=]+=;/.test(line))).toBe(true);
});

test('R-31 under https the cookies are __Host- and Secure', async () => {
  await using secure = await startApp(provider, { baseUrl: 'https://shop.example' });

  const { setCookies } = await secure.browser().get('/sign-in');

  expect(setCookies.length).toBeGreaterThan(0);
  for (const line of setCookies) expect(line).toMatch(/^__Host-shop_session_\S+; path=\/; .*secure; httponly/i);
});

/* What the provider may get wrong, or somebody in its place. */

const now = () => Math.floor(Date.now() / 1000);
const change = (over: Record<string, unknown>) => (claims: Record<string, unknown>) =>
  provider.signed({ ...claims, ...over });

const badIdTokens: Record<string, [(claims: Record<string, unknown>) => Promise<string> | string, string]> = {
  'iss of another': [change({ iss: 'https://evil.example' }), 'token_not_trusted'],
  'iss missing': [change({ iss: undefined }), 'token_not_trusted'],
  'aud of another': [change({ aud: 'forum' }), 'token_not_trusted'],
  'aud missing': [change({ aud: undefined }), 'token_not_trusted'],
  'aud several without azp': [change({ aud: [clientId, 'forum'] }), 'token_not_trusted'],
  'azp of another': [change({ azp: 'forum' }), 'token_not_trusted'],
  'sub missing': [change({ sub: undefined }), 'token_not_trusted'],
  'sub other than in the access token': [change({ sub: 'mallory' }), 'token_not_trusted'],
  'sid other than in the access token': [change({ sid: 'other.shop' }), 'token_not_trusted'],
  'iat missing': [change({ iat: undefined }), 'token_not_trusted'],
  'iat two minutes ago: a clock is off': [(c) => provider.signed({ ...c, iat: now() - 120 }), 'clock_off'],
  'iat in two minutes: a clock is off': [(c) => provider.signed({ ...c, iat: now() + 120 }), 'clock_off'],
  expired: [(c) => provider.signed({ ...c, exp: now() - 60 }), 'clock_off'],
  'exp missing': [change({ exp: undefined }), 'token_not_trusted'],
  'nonce of another': [change({ nonce: 'n'.repeat(43) }), 'token_not_trusted'],
  'nonce missing': [change({ nonce: undefined }), 'token_not_trusted'],
  'bad signature': [
    async (claims) => (await provider.signed(claims)).replace(/[^.]+$/, Buffer.alloc(64, 7).toString('base64url')),
    'token_not_trusted',
  ],
  'signed by a stranger': [
    async (claims) => provider.signed(claims, {}, (await testKey('key-1')).privateKey),
    'token_not_trusted',
  ],
  'alg none': [
    (claims) => {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${encode({ alg: 'none' })}.${encode(claims)}.`;
    },
    'token_not_trusted',
  ],
  'RS256 with a published key': [
    async (claims) => {
      const rsa = await testKey('rsa-1', 'RS256');
      provider.state.keys = [provider.key.publicJwk, rsa.publicJwk];
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'rsa-1' }).sign(rsa.privateKey);
    },
    'token_not_trusted',
  ],
  'HS256 with the public key': [
    (claims) => {
      const secret = createPublicKey({ key: provider.key.publicJwk, format: 'jwk' }).export({
        type: 'spki',
        format: 'der',
      });
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    },
    'token_not_trusted',
  ],
  'kid unknown': [(claims) => provider.signed(claims, { kid: 'nobody' }), 'token_not_trusted'],
  'not a token': [() => 'x', 'token_not_trusted'],
};

test.for(Object.entries(badIdTokens))('RP list: an ID token is refused: %s', async ([, [forge, code]]) => {
  provider.state.idToken = async (claims) => forge(claims);
  const browser = app.browser();

  const answer = await browser.signIn();

  expect(answer.text).toContain(`<code>${code}</code>`);
  expect(answer.status).toBe(503);
  expect(await nobody(browser)).toBe('nobody');
});

const badAccessTokens: Record<string, (claims: Record<string, unknown>) => Promise<string>> = {
  'for another audience': (claims) => provider.signed({ ...claims, aud: 'urn:other' }, { typ: 'at+jwt' }),
  'of another client': (claims) => provider.signed({ ...claims, client_id: 'forum' }, { typ: 'at+jwt' }),
  'of another person': (claims) => provider.signed({ ...claims, sub: 'mallory' }, { typ: 'at+jwt' }),
  'that is an ID token': (claims) => provider.signed(claims),
  'that is opaque': async () => 'opaque',
};

test.for(Object.entries(badAccessTokens))('RP list: an access token is refused: %s', async ([, forge]) => {
  provider.state.accessToken = forge;
  const browser = app.browser();

  expect((await browser.signIn()).text).toContain('<code>token_not_trusted</code>');
  expect(await nobody(browser)).toBe('nobody');
});

const edited = (edit: (params: URLSearchParams) => void) => (params: URLSearchParams) => {
  edit(params);
  return params;
};
const badAnswers: Record<string, (params: URLSearchParams) => URLSearchParams> = {
  'iss missing': edited((p) => p.delete('iss')),
  'A-08 iss of another provider (mix-up)': edited((p) => p.set('iss', 'https://evil.example')),
  'iss with a slash more': edited((p) => p.set('iss', `${p.get('iss')}/`)),
  'iss twice': edited((p) => p.append('iss', 'https://evil.example')),
  'state missing': edited((p) => p.delete('state')),
  'state altered': edited((p) => p.set('state', 'x'.repeat(43))),
  'state twice': edited((p) => p.append('state', 'x')),
  'code missing': edited((p) => p.delete('code')),
  'code twice': edited((p) => p.append('code', 'x')),
  'an ID token in the answer': edited((p) => p.set('id_token', 'a.b.c')),
};

test.for(Object.entries(badAnswers))('RP list: an answer is refused, no code sent anywhere: %s', async ([, edit]) => {
  provider.state.answer = edit;
  const browser = app.browser();

  const answer = await browser.signIn();

  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(provider.state.codesRedeemed).toBe(0);
  expect(await nobody(browser)).toBe('nobody');
});

test('R-55 A-03 an answer begun in another browser is refused there, and its code is not used', async () => {
  const [attacker, victim] = [app.browser(), app.browser()];
  const answer = await attacker.answerOf((await attacker.get('/sign-in')).location);

  const refused = await victim.callback(answer);

  expect(refused.status).toBe(400);
  expect(refused.text).toContain('sign_in_expired');
  expect(provider.state.codesRedeemed).toBe(0);
  expect(await nobody(victim)).toBe('nobody');
});

test('A-06 an answer works once: the back button leads to the front page, another try to a plain page', async () => {
  const browser = app.browser();
  const answer = await browser.answerOf((await browser.get('/sign-in')).location);
  await browser.callback(answer);

  expect(await browser.callback(answer)).toMatchObject({ status: 303, location: '/' });
  browser.cookies.delete('shop_session');
  expect((await browser.callback(answer)).text).toContain('sign_in_expired');
  expect(provider.state.codesRedeemed).toBe(1);
});

test('A-08 metadata of another issuer is refused with a page that says so; nobody is sent anywhere', async () => {
  await using fresh = await startApp(provider);
  provider.state.metadata = (metadata) => ({ ...metadata, issuer: 'https://evil.example' });

  const answer = await fresh.browser().get('/sign-in');

  expect(answer).toMatchObject({ status: 503, location: null });
  expect(answer.text).toContain('Sign-in is set up wrongly');
  expect(answer.text).toContain('ISSUER');
});

test('discovery down: a page that says so, and the next try works', async () => {
  await using fresh = await startApp(provider);
  provider.state.down = true;
  const browser = fresh.browser();

  const answer = await browser.get('/sign-in?return_to=/private');
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).not.toBeNull();
  expect(answer.text).toContain('Sign-in cannot be reached');
  expect(answer.text).toContain('href="/sign-in?return_to=%2Fprivate"');

  provider.state.down = false;
  expect(await browser.signIn('/sign-in?return_to=/private')).toMatchObject({ status: 303, location: '/private' });
});

test.for<[string, { status: number; body: Record<string, unknown> }, string]>([
  ['is down', { status: 503, body: {} }, 'provider_unreachable'],
  ['says server_error', { status: 500, body: { error: 'server_error' } }, 'provider_unreachable'],
  ['does not know this application', { status: 401, body: { error: 'invalid_client' } }, 'client_refused'],
  ['says the code is spent', { status: 400, body: { error: 'invalid_grant' } }, 'sign_in_expired'],
  ['sends no ID token', { status: 200, body: { access_token: 'x', token_type: 'Bearer' } }, 'token_not_trusted'],
])('the token endpoint %s: its own page', async ([, tokenStatus, code]) => {
  const browser = app.browser();
  const answer = await browser.answerOf((await browser.get('/sign-in')).location);
  provider.state.tokenStatus = tokenStatus;

  expect((await browser.callback(answer)).text).toContain(`<code>${code}</code>`);
});

test('cancelled at the provider: a page with the way back, no session', async () => {
  provider.state.answer = edited((p) => {
    p.delete('code');
    p.set('error', 'access_denied');
  });

  const answer = await app.browser().signIn('/sign-in?return_to=/private');

  expect(answer.status).toBe(403);
  expect(answer.text).toContain('href="/sign-in?return_to=%2Fprivate"');
});

test('silent: who is signed in at the provider is signed in here, others come back as they were', async () => {
  const known = app.browser();
  expect((await known.get('/sign-in?silent=1')).location).toContain('prompt=none');
  expect(await known.signIn('/sign-in?silent=1&return_to=/public')).toMatchObject({ location: '/public' });
  expect((await known.get('/public')).text).toContain('alice');

  provider.state.signedIn = false;
  const stranger = app.browser();
  expect(await stranger.signIn('/sign-in?silent=1&return_to=/public')).toMatchObject({
    status: 303,
    location: '/public',
  });
  // The mark keeps a page that looks for a session by itself from doing so again and again.
  expect(await stranger.get('/public')).toMatchObject({ status: 200, text: 'nobody' });
});

test('silent: a page that looks for a session by itself asks once', async () => {
  provider.state.signedIn = false;
  const browser = app.browser();

  const asked = await browser.get('/public');
  expect(asked.location).toBe('/sign-in?silent=1&return_to=%2Fpublic');
  expect(await browser.signIn(asked.location ?? '')).toMatchObject({ location: '/public' });
  expect(await browser.get('/public')).toMatchObject({ status: 200 });
});

test('a provider that went away after it was discovered: a page that says so, nobody is sent there', async () => {
  expect((await app.browser().get('/sign-in')).location).toContain(provider.url);
  provider.state.down = true;
  await vi.waitFor(async () => expect((await app.browser().get('/sign-in')).status).toBe(503), 5_000);
  const { location, text } = await app.browser().get('/sign-in');
  expect(location).toBeNull();
  expect(text).toContain('Sign-in cannot be reached');
});

test('silent: a provider that is down does not get in the way of a public page', async () => {
  await using fresh = await startApp(provider);
  provider.state.down = true;

  const answer = await fresh.browser().get('/sign-in?silent=1&return_to=/public');

  expect(answer).toMatchObject({ status: 303, location: '/public' });
});

test('A-05 return_to to another host is ignored, also after the sign-in', async () => {
  const browser = app.browser();

  expect(await browser.signIn('/sign-in?return_to=//evil.example')).toMatchObject({ location: '/' });
  expect((await browser.get('/sign-in?return_to=//evil.example')).location).toBe('/');
});

test('R-22 a query that says something twice is refused', async () => {
  expect((await app.browser().get('/sign-in?return_to=/a&return_to=/b')).status).toBe(400);
});

test('sign-ins left lying do not pile up in the browser', async () => {
  const browser = app.browser();
  for (let i = 0; i < 12; i += 1) await browser.get('/sign-in');

  expect(browser.cookies.size).toBeLessThanOrEqual(5);
});

test('a person who was cut off during the sign-in gets no session but the reason', async () => {
  const browser = app.browser();
  const target = { kind: 'account', sub: 'alice' } as const;
  const entry = { id: 'r', seq: 1, target, issuedBefore: null, cause: 'ban' as const, recordedAt: 0, expiresAt: null };
  const answer = await browser.answerOf((await browser.get('/sign-in')).location);
  app.says.verdict = { state: 'revoked', entry };

  const refused = await browser.callback(answer);

  expect(refused.status).toBe(401);
  expect(refused.text).toContain('blocked');
  expect(browser.cookies.has('shop_session')).toBe(false);
});
