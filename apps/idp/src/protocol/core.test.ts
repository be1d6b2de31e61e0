import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizationRequest,
  claimsOf,
  exchange,
  hiddenField,
  startIdp,
  type SignedIn,
  type TestIdp,
} from '#harness.ts';

/** OpenID Connect Core, as far as the Basic OP certification plan looks. */
let idp: TestIdp;
let client: string;
/** A client as somebody else would write it: it names no resource and says nothing of algorithms. */
let plain: string;
const plainly = { resource: '', scope: 'openid profile email' };
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] });
  plain = await idp.declare({ idTokenSigningAlg: 'RS256', resources: [], scope: 'openid profile email' });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

describe('C-01: prompt', () => {
  test('none answers login_required to a visitor and a code for the same person to who is signed in', async () => {
    const visitor = await idp.browser().authorize(authorizationRequest(client, { prompt: 'none' }));
    expect(visitor.url.searchParams.get('error')).toBe('login_required');
    const first = await idp.tokens(client);
    const silent = await idp.tokens(client, { prompt: 'none' }, first);
    expect(claimsOf(silent.id_token)['sub']).toBe(first.account.id);
    expect(authTimeOf(silent)).toBe(authTimeOf(first));
  });

  test('login asks for the password again, and auth_time advances', async () => {
    const first = await idp.tokens(client);
    await makeOlder(first, 100);
    const before = await idp.tokens(client, { prompt: 'none' }, first);
    const after = await idp.tokens(client, { prompt: 'login' }, first);
    expect(claimsOf(after.id_token)['sub']).toBe(first.account.id);
    expect(authTimeOf(after)).toBeGreaterThan(authTimeOf(before) + 90);
  });

  test.each<[string, (signedIn: SignedIn) => Promise<unknown>]>([
    ['was banned', (signedIn) => ban(signedIn, null)],
    ['was banned from this application', (signedIn) => ban(signedIn, [client])],
    ['was disabled', ({ account }) => idp.sql('update account set disabled_at = now() where id = ?', [account.id])],
  ])(
    'none answers login_required to an account that %s while its session lived; else the sign-in page comes',
    async (_, end) => {
      const signedIn = await idp.tokens(client);
      await end(signedIn);
      const { url } = await signedIn.browser.authorize(authorizationRequest(client, { prompt: 'none' }));
      expect(url.searchParams.get('error')).toBe('login_required');
      const page = await signedIn.browser.authorize(authorizationRequest(client));
      expect([page.response.status, page.url.pathname]).toEqual([200, expect.stringMatching('^/sign-in/')]);
    },
  );

  test('a ban from one application leaves the person at the others', async () => {
    const signedIn = await idp.tokens(client);
    await ban(signedIn, [client]);
    expect((await idp.tokens(plain, { ...plainly, prompt: 'none' }, signedIn)).id_token).toBeTruthy();
  });
});

test('C-02: max_age=1 asks again after more than a second, max_age=10000 does not; the ID token tells auth_time', async () => {
  const first = await idp.tokens(client);
  const patient = await idp.tokens(client, { prompt: 'none', max_age: '10000' }, first);
  expect(claimsOf(patient.id_token)['auth_time']).toBe(authTimeOf(first));
  await makeOlder(first, 3);
  const page = await first.browser.authorize(authorizationRequest(client, { max_age: '1' }));
  expect(page.text).toContain('name="password"');
  const { url } = await first.browser.authorize(authorizationRequest(client, { prompt: 'none', max_age: '1' }));
  expect(url.searchParams.get('error')).toBe('login_required');
});

describe('C-03: hints', () => {
  test('id_token_hint of the person signed in is answered silently, of somebody else by login_required', async () => {
    const [first, second] = [await idp.tokens(client), await idp.tokens(client)];
    const own = await idp.tokens(client, { prompt: 'none', id_token_hint: first.id_token }, first);
    expect(claimsOf(own.id_token)['sub']).toBe(first.account.id);
    const foreign = authorizationRequest(client, { prompt: 'none', id_token_hint: second.id_token });
    const { url } = await first.browser.authorize(foreign);
    expect(url.searchParams.get('error')).toBe('login_required');
  });

  test('login_hint fills in the sign-in page, as text', async () => {
    const hint = '"><b>mallory@example.org';
    const { text } = await idp.browser().authorize(authorizationRequest(client, { login_hint: 'alice@example.org' }));
    expect(hiddenField(text, 'email')).toBe('alice@example.org');
    const hostile = await idp.browser().authorize(authorizationRequest(client, { login_hint: hint }));
    expect(hostile.text).not.toContain('<b>');
  });
});

describe('C-04: what does not matter', () => {
  test('unknown parameters, display, ui_locales, claims_locales, acr_values', async () => {
    const over = { unknown: 'x', display: 'popup', ui_locales: 'se', claims_locales: 'se', acr_values: '1 2' };
    expect(claimsOf((await idp.tokens(client, over)).id_token)).toHaveProperty('sub');
  });

  test('the order of parameters and of scopes', async () => {
    const request = authorizationRequest(client, { scope: 'family email profile openid' });
    const params = Object.fromEntries(Object.entries(request.params).toReversed());
    const { url } = await idp.browser().signIn({ ...request, params }, (await idp.person()).email);
    const { status, body } = await idp.token(client, exchange(request, url));
    expect([status, body['scope']]).toEqual([200, 'family']);
  });

  test('whether the request comes by GET or by POST', async () => {
    const browser = idp.browser();
    const request = authorizationRequest(client);
    const page = await browser.post('/auth', request.params);
    const { url } = await browser.submit(page, (await idp.person()).email);
    expect((await idp.token(client, exchange(request, url))).status).toBe(200);
  });

  test('whether there is a nonce and a state; a long state comes back whole', async () => {
    const request = authorizationRequest(client);
    const { nonce: _nonce, state: _state, ...params } = request.params;
    const { url } = await idp.browser().signIn({ ...request, params }, (await idp.person()).email);
    expect(url.searchParams.has('state')).toBe(false);
    const { body } = await idp.token(client, exchange(request, url));
    expect(claimsOf(body['id_token'])).not.toHaveProperty('nonce');
    const state = 'é'.repeat(500);
    const back = await idp.browser().authorize(authorizationRequest(client, { prompt: 'none', state }));
    expect(back.url.searchParams.get('state')).toBe(state);
  });
});

describe('C-05: a client that says nothing gets what Core takes for granted', () => {
  test('an RS256 ID token, checked with the published key, and an opaque access token', async () => {
    const { id_token, access_token, account, request } = await idp.tokens(plain, plainly);
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
    const { protectedHeader, payload } = await jwtVerify(id_token, keys, { issuer: idp.issuer, audience: plain });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ sub: account.id, nonce: request.params['nonce'] });
    expect(access_token).not.toContain('.');
  });

  test.each<[string, (token: string) => RequestInit]>([
    ['GET with a header', (token) => ({ headers: { authorization: `Bearer ${token}` } })],
    ['POST with a header', (token) => ({ method: 'POST', headers: { authorization: `Bearer ${token}` } })],
    ['POST with a form', (token) => ({ method: 'POST', body: new URLSearchParams({ access_token: token }) })],
  ])('userinfo by %s', async (_, init) => {
    const { access_token, account } = await idp.tokens(plain, plainly);
    const response = await fetch(`${idp.issuer}/me`, init(access_token));
    expect(await response.json()).toEqual({
      sub: account.id,
      name: 'A person',
      roles: [],
      email: account.email,
      email_verified: true,
    });
  });

  test('userinfo tells no more than the scope', async () => {
    const { access_token, account } = await idp.tokens(plain, { ...plainly, scope: 'openid' });
    expect(await userinfo(access_token)).toEqual([200, { sub: account.id }]);
  });

  test('userinfo takes no token from the query, no access token for another audience, no ID token, no refresh token', async () => {
    const { access_token, id_token, refresh_token } = await idp.tokens(plain, plainly);
    const family = await idp.tokens(client);
    expect((await fetch(`${idp.issuer}/me?access_token=${access_token}`)).status).toBeGreaterThanOrEqual(400);
    for (const token of [family.access_token, id_token, refresh_token, 'x', ''])
      expect([400, 401]).toContain((await userinfo(token))[0]);
  });

  test.each<[string, (signedIn: SignedIn) => Promise<unknown>]>([
    ['a ban', (signedIn) => ban(signedIn, null)],
    [
      'the account was disabled',
      ({ account }) => idp.sql('update account set disabled_at = now() where id = ?', [account.id]),
    ],
    ['the grant is gone', ({ account }) => idp.sql('delete from oidc_grant where account_id = ?', [account.id])],
    ['the session is gone', ({ account }) => idp.sql('delete from sso_session where account_id = ?', [account.id])],
  ])('userinfo is refused when %s', async (_, end) => {
    const signedIn = await idp.tokens(plain, plainly);
    expect((await userinfo(signedIn.access_token))[0]).toBe(200);
    await end(signedIn);
    expect((await userinfo(signedIn.access_token))[0]).toBe(401);
  });
});

test('C-06: client_credentials give a token of the client itself, without person, session and refresh', async () => {
  const { body } = await idp.token(client, {
    grant_type: 'client_credentials',
    resource: 'urn:portcullis:family',
    scope: 'family',
  });
  expect(body).not.toHaveProperty('refresh_token');
  const claims = claimsOf(body['access_token']);
  expect(claims).toMatchObject({
    iss: idp.issuer,
    sub: client,
    client_id: client,
    aud: 'urn:portcullis:family',
    scope: 'family',
  });
  expect(claims).not.toHaveProperty('sid');
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300);
});

test('an access token is ES256 of type at+jwt, with all its claims, and its sid is the ID token’s', async () => {
  const { access_token, id_token } = await idp.tokens(client);
  const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
  const checks = { issuer: idp.issuer, audience: 'urn:portcullis:family', typ: 'at+jwt', algorithms: ['ES256'] };
  const { payload } = await jwtVerify(access_token, keys, checks);
  const names = [
    'iss',
    'sub',
    'aud',
    'client_id',
    'scope',
    'iat',
    'exp',
    'jti',
    'sid',
    'auth_time',
    'acr',
    'amr',
    'roles',
  ];
  expect(Object.keys(payload).toSorted()).toEqual(names.toSorted());
  expect(payload['sid']).toBe(claimsOf(id_token)['sid']);
});

test('a person in two browsers has two sessions, and the tokens of each name their own', async () => {
  const first = await idp.tokens(client);
  const second = await idp.tokens(client, {}, { account: first.account });
  expect(claimsOf(second.access_token)['sub']).toBe(first.account.id);
  expect(claimsOf(second.access_token)['sid']).not.toBe(claimsOf(first.access_token)['sid']);
});

function authTimeOf({ access_token }: SignedIn): number {
  return Number(claimsOf(access_token)['auth_time']);
}

/** As if the person had signed in earlier. */
function makeOlder({ account }: SignedIn, seconds: number) {
  return idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::bigint - ?::bigint))
     where account_id = ?`,
    [seconds, account.id],
  );
}

async function userinfo(token: string): Promise<[number, unknown]> {
  const response = await fetch(`${idp.issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
  return [response.status, await response.json()];
}

function ban({ account }: SignedIn, clients: string[] | null) {
  return idp.sql(
    `insert into ban (id, account_id, client_ids, reason, banned_at, revocation_ids)
     values (gen_random_uuid(), ?, (select array_agg(value) from json_array_elements_text(?::json)), 'test', now(), '{}')`,
    [account.id, JSON.stringify(clients ?? [])],
  );
}
