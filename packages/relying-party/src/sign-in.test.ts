import { expect, test, vi } from 'vitest';
import { openFamily, startApp, type TestApp } from './test-app.ts';
import { clientId } from './test-provider.ts';

const { provider, app } = await openFamily();

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
  provider.state.answer = (params) => {
    params.delete('code');
    params.set('error', 'access_denied');
    return params;
  };

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
