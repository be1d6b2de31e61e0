import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  authorizationRequest,
  callback,
  claimsOf,
  hiddenField,
  startIdp,
  type Browser,
  type Page,
  type SignedIn,
  type TestIdp,
} from '#harness.ts';

let idp: TestIdp;
let client: string;
let other: string;
const back = 'https://app.example/signed-out';
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ postLogoutRedirectUris: [back] });
  other = await idp.declare({ postLogoutRedirectUris: ['https://other.example/bye'] });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('R-33: signing out everywhere ends session, grants, refresh tokens and opaque tokens, by one ledger entry', async () => {
  const first = await idp.tokens(client);
  const second = await idp.tokens(other, {}, first);
  const opaque = await idp.tokens(client, { resource: '', scope: 'openid' }, first);
  const cookies = new Map(first.browser.cookies);
  expect(await userinfo(opaque)).toBe(200);
  await signOut(first.browser, 'everywhere');

  const uid = uidOf(first);
  expect(uidOf(second)).toBe(uid);
  expect(await idp.sql('select uid from sso_session where account_id = ?', [first.account.id])).toEqual([]);
  expect(await idp.sql('select id from oidc_grant where account_id = ?', [first.account.id])).toEqual([]);
  expect([await refresh(client, first), await refresh(other, second)]).toEqual(['invalid_grant', 'invalid_grant']);
  expect(await userinfo(opaque)).toBe(401);
  expect(await entriesOf(uid)).toEqual([{ sid: uid, cause: 'sign_out', issued_before: null }]);
  for (const [name, cookie] of cookies) first.browser.cookies.set(name, cookie); // whoever copied the cookies
  expect(await silently(first.browser, client)).toBe('login_required');
});

test('R-33: a code that was on its way when the person signed out is worth nothing', async () => {
  const { browser } = await idp.tokens(client);
  const request = authorizationRequest(other);
  const { url } = await browser.authorize(request);
  await signOut(browser, 'everywhere');
  const { status, body } = await idp.token(other, {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: callback,
    code_verifier: request.verifier,
  });
  expect([status, body['error']]).toEqual([400, 'invalid_grant']);
});

test('R-33: signing out of one application ends what that one has and nothing else', async () => {
  const first = await idp.tokens(client);
  const second = await idp.tokens(other, {}, first);
  await signOut(first.browser, 'here', `?client_id=${client}`);

  expect([await refresh(client, first), await refresh(other, second)]).toEqual(['invalid_grant', undefined]);
  const { sid } = claimsOf(first.access_token);
  expect(await entriesOf(uidOf(first))).toEqual([{ sid, cause: 'sign_out', issued_before: null }]);
  expect(await silently(first.browser, other)).toBe('a code');

  const again = await idp.tokens(client, {}, first); // no password: the person is still signed in here
  expect(uidOf(again)).toBe(uidOf(first));
  expect(claimsOf(again.access_token)['sid']).not.toBe(sid); // so the entry above does not name the new tokens
  expect(await refresh(client, again)).toBe(undefined);
});

describe('RP-initiated logout (R-36)', () => {
  test('C-40: discovery names the endpoint', async () => {
    const metadata = (await (await fetch(`${idp.issuer}/.well-known/openid-configuration`)).json()) as object;
    expect(metadata).toHaveProperty('end_session_endpoint', `${idp.issuer}/session/end`);
  });

  test('C-41: with hint, registered address and state the person comes back to the application, state untouched', async () => {
    const signedIn = await idp.tokens(client);
    const { url } = await end(signedIn, { post_logout_redirect_uri: back, state: 'a b&c=d#é' });
    expect(url.origin + url.pathname).toBe(back);
    expect([...url.searchParams]).toEqual([['state', 'a b&c=d#é']]);
    expect(await silently(signedIn.browser, client)).toBe('login_required');
  });

  test.each([
    ['C-42: an address that is not registered', { post_logout_redirect_uri: 'https://evil.example/' }],
    ['C-42: the address of another application', { post_logout_redirect_uri: 'https://other.example/bye' }],
    ['C-42: a redirect URI for sign-ins', { post_logout_redirect_uri: callback }],
    ['C-49: the address with a query added', { post_logout_redirect_uri: `${back}?x=y` }],
    ['C-49: the address with a slash added', { post_logout_redirect_uri: `${back}/` }],
  ])('%s is refused by a page, and nobody is signed out', async (_, over) => {
    const signedIn = await idp.tokens(client);
    const page = await question(signedIn, over);
    expectRefusal(page);
    expect(await silently(signedIn.browser, client)).toBe('a code');
  });

  test.each<[string, (hint: string) => Promise<string> | string]>([
    [
      'C-43: with its algorithm changed to none',
      (hint) => `${btoa('{"alg":"none"}').replaceAll('=', '')}.${hint.split('.')[1]}.`,
    ],
    ['C-43: with a claim changed', (hint) => tampered(hint)],
    ['C-50: signed by a stranger', (hint) => foreignSigned(claimsOf(hint))],
    ['that is no token', () => 'nonsense'],
  ])('a hint %s is refused by a page, and nobody is signed out', async (_, forge) => {
    const signedIn = await idp.tokens(client);
    const id_token_hint = await forge(signedIn.id_token);
    const page = await signedIn.browser.go(
      `/session/end?${new URLSearchParams({ id_token_hint, post_logout_redirect_uri: back })}`,
    );
    expectRefusal(page);
    expect(await silently(signedIn.browser, client)).toBe('a code');
  });

  test('C-44: without hint and client the address is not followed', async () => {
    const { browser } = await idp.tokens(client);
    const { url } = await answer(
      browser,
      await browser.go(`/session/end?post_logout_redirect_uri=${back}`),
      'everywhere',
    );
    expect(url.origin + url.pathname).toBe(`${idp.issuer}/session/end/success`);
  });

  test.each([
    ['C-45: with no parameters at all', {}],
    ['C-48: with nothing but a state', { state: 'kept' }],
  ])('%s the person is asked, signed out and told so', async (_, params) => {
    const { browser } = await idp.tokens(client);
    const page = await browser.go(`/session/end?${new URLSearchParams(params)}`);
    const { url, text, response } = await answer(browser, page, 'everywhere');
    expect([response.status, url.pathname]).toEqual([200, '/session/end/success']);
    expect(text).toContain('You are signed out');
  });

  test('C-46: without an address it ends at our own page, which names the application', async () => {
    const signedIn = await idp.tokens(client);
    const { url, text } = await end(signedIn, {}, 'here');
    expect(url.origin).toBe(idp.issuer);
    expect(text).toContain(`Application ${client}`);
  });

  test('C-47: without a state none is added', async () => {
    const { url } = await end(await idp.tokens(client), { post_logout_redirect_uri: back });
    expect(url.href).toBe(back);
  });

  test('a sign-out may come by POST', async () => {
    const signedIn = await idp.tokens(client);
    const page = await signedIn.browser.post('/session/end', {
      id_token_hint: signedIn.id_token,
      post_logout_redirect_uri: back,
    });
    const { url } = await answer(signedIn.browser, page, 'everywhere');
    expect(url.href).toBe(back);
  });

  test('a hint for one client with the name of another is refused', async () => {
    expectRefusal(await question(await idp.tokens(client), { client_id: other }));
  });

  test.each([
    ['no token', {}],
    ['another token', { xsrf: 'x'.repeat(48) }],
  ])('A-03: the confirmation with %s signs nobody out', async (_, form) => {
    const { browser } = await idp.tokens(client);
    await browser.go('/session/end');
    expectRefusal(await browser.post('/session/end/confirm', { logout: 'yes', ...form }));
    expect(await silently(browser, client)).toBe('a code');
  });

  test('the page lets its form lead to the address it will be redirected to (R-60), for visitors too', async () => {
    const signedIn = await idp.tokens(client);
    const pages = [
      await question(signedIn, { post_logout_redirect_uri: back }),
      await idp
        .browser()
        .go(`/session/end?${new URLSearchParams({ client_id: client, post_logout_redirect_uri: back })}`),
    ];
    for (const { response } of pages)
      expect(response.headers.get('content-security-policy')).toMatch(/form-action[^;]* https:\/\/app\.example[ ;]/);
  });

  test('a visitor who is signed out already comes back to the application too', async () => {
    const browser = idp.browser();
    const { id_token } = await idp.tokens(client);
    const page = await browser.go(
      `/session/end?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: back, state: 's' })}`,
    );
    const { url } = await answer(browser, page, 'everywhere');
    expect(url.href).toBe(`${back}?state=s`);
  });
});

type Choice = 'everywhere' | 'here';

function question({ browser, id_token }: SignedIn, params: Record<string, string>): Promise<Page> {
  return browser.go(`/session/end?${new URLSearchParams({ id_token_hint: id_token, ...params })}`);
}

async function end(signedIn: SignedIn, params: Record<string, string>, choice: Choice = 'everywhere'): Promise<Page> {
  return answer(signedIn.browser, await question(signedIn, params), choice);
}

function answer(browser: Browser, page: Page, choice: Choice): Promise<Page> {
  const logout = choice === 'everywhere' ? { logout: 'yes' } : undefined;
  return browser.post('/session/end/confirm', { xsrf: hiddenField(page.text, 'xsrf'), ...logout });
}

async function signOut(browser: Browser, choice: Choice, query = ''): Promise<void> {
  const { response } = await answer(browser, await browser.go(`/session/end${query}`), choice);
  expect(response.status).toBe(200);
}

function expectRefusal({ response, url, text }: Page): void {
  expect([response.status, url.origin]).toEqual([400, idp.issuer]);
  expect(text).toContain('Portcullis');
}

async function silently(browser: Browser, clientId: string): Promise<string> {
  const { url } = await browser.authorize(authorizationRequest(clientId, { prompt: 'none' }));
  return url.searchParams.has('code') ? 'a code' : (url.searchParams.get('error') ?? 'nothing');
}

async function refresh(clientId: string, { refresh_token }: SignedIn): Promise<string | undefined> {
  return (await idp.token(clientId, { grant_type: 'refresh_token', refresh_token })).body['error'];
}

async function userinfo({ access_token }: SignedIn): Promise<number> {
  return (await fetch(`${idp.issuer}/me`, { headers: { authorization: `Bearer ${access_token}` } })).status;
}

function uidOf({ access_token }: SignedIn): string {
  return String(claimsOf(access_token)['sid']).split('.')[0] ?? '';
}

function entriesOf(uid: string) {
  const select = `select target ->> 'sid' as sid, cause, issued_before from revocation`;
  return idp.sql(`${select} where starts_with(target ->> 'sid', ?)`, [uid]);
}

function tampered(jwt: string): string {
  const [header, , signature] = jwt.split('.');
  const payload = Buffer.from(JSON.stringify({ ...claimsOf(jwt), sub: 'somebody-else' })).toString('base64url');
  return `${header}.${payload}.${signature}`;
}

async function foreignSigned(claims: Record<string, unknown>): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) }).sign(privateKey);
}
