import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizationRequest,
  callback,
  claimsOf,
  codeOf,
  exchange,
  mutilated,
  startIdp,
  type AuthorizationRequest,
  type TestIdp,
} from '#harness.ts';

let idp: TestIdp;
let client: string;
let other: string;
let spa: string;
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ redirectUris: [callback, 'https://app.example/second'] });
  other = await idp.declare();
  spa = await idp.declare({ type: 'public' });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('R-04: a code used twice is refused, its refresh token dies, and the ledger revokes its access token', async () => {
  const { request, code, refresh_token, access_token } = await idp.tokens(client);
  const again = await idp.token(client, exchange(request, redirectWith(code)));
  expect([again.status, again.body['error']]).toEqual([400, 'invalid_grant']);

  const refresh = await idp.token(client, { grant_type: 'refresh_token', refresh_token });
  expect([refresh.status, refresh.body['error']]).toEqual([400, 'invalid_grant']);
  expect(await revocationsOf(access_token)).toEqual([{ cause: 'code_reuse', issued_before: null }]);
});

test('R-04: of 20 uses of one code at once at most one succeeds, and what it got is dead', async () => {
  const { url, request } = await newCode(client);
  const answers = await Promise.all(Array.from({ length: 20 }, () => idp.token(client, exchange(request, url))));
  const won = answers.filter(({ status }) => status === 200);
  expect(won.length).toBeLessThanOrEqual(1);
  expect(answers.filter(({ body, status }) => status !== 200 && body['error'] !== 'invalid_grant')).toEqual([]);
  for (const { body } of won) {
    const refresh = await idp.token(client, {
      grant_type: 'refresh_token',
      refresh_token: body['refresh_token'] ?? '',
    });
    expect(refresh.status).toBe(400);
    expect(await revocationsOf(body['access_token'] ?? '')).toHaveLength(1);
  }
});

describe('R-05: a code is worth nothing', () => {
  test.each<
    [string, (request: AuthorizationRequest, url: URL) => Promise<{ status: number; body: Record<string, string> }>]
  >([
    ['to another client', (request, url) => idp.token(other, exchange(request, url))],
    ['to a public client', (request, url) => asPublic(spa, exchange(request, url))],
    ['to its own client without its secret', (request, url) => asPublic(client, exchange(request, url))],
    [
      'with another redirect URI of the client',
      (request, url) => idp.token(client, exchange(request, url, { redirect_uri: 'https://app.example/second' })),
    ],
    [
      'with another verifier',
      (request, url) => idp.token(client, exchange(request, url, { code_verifier: 'x'.repeat(43) })),
    ],
    [
      'with the challenge for a verifier',
      (request, url) =>
        idp.token(client, exchange(request, url, { code_verifier: request.params['code_challenge'] ?? '' })),
    ],
    ['without a verifier', (request, url) => idp.token(client, without(exchange(request, url), 'code_verifier'))],
  ])('%s, and is still worth its tokens to whom it was given', async (_, misuse) => {
    const { url, request } = await newCode(client);
    const { status, body } = await misuse(request, url);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toHaveProperty('access_token');
    expect(['invalid_grant', 'invalid_client', 'invalid_request']).toContain(body['error']);
    expect((await idp.token(client, exchange(request, url))).status).toBe(200);
  });
});

test('R-06: a code lives 60 seconds', async () => {
  await newCode(client);
  const codes = await idp.memory.keys('portcullis:artifact:AuthorizationCode:*');
  const ttls = await Promise.all(codes.map((key) => idp.memory.ttl(key)));
  expect(Math.max(...ttls)).toBeLessThanOrEqual(60);
  expect(Math.max(...ttls)).toBeGreaterThan(50);
});

describe('R-07: PKCE with S256, for confidential and public clients', () => {
  const requests: [string, Record<string, string>][] = [
    ['no challenge', { code_challenge: '', code_challenge_method: '' }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['no method, which would mean plain', { code_challenge_method: '' }],
    ['a challenge that no SHA-256 can be', { code_challenge: 'short' }],
  ];
  test.each(requests)('an authorization request with %s is refused', async (_, over) => {
    for (const id of [client, spa]) {
      const { params } = authorizationRequest(id, { ...over, prompt: 'none' });
      const { url } = await idp.browser().authorize({ clientId: id, verifier: '', params: withoutEmpty(params) });
      expect(url.searchParams.get('error')).toBe('invalid_request');
      expect(url.searchParams.has('code')).toBe(false);
    }
  });

  test('a client declared to send a nonce in its place may leave it out, with a nonce only', async () => {
    const old = await idp.declare({ nonceInsteadOfPkce: true });
    const bare = { code_challenge: '', code_challenge_method: '' };
    const { params } = authorizationRequest(old, { ...bare, nonce: '', prompt: 'none' });
    const { url } = await idp.browser().authorize({ clientId: old, verifier: '', params: withoutEmpty(params) });
    expect(url.searchParams.get('error')).toBe('invalid_request');

    const request = authorizationRequest(old, { ...bare, nonce: 'n-0S6_WzA2Mj' });
    const signedIn = { ...request, params: withoutEmpty(request.params) };
    const { url: answer } = await idp.browser().signIn(signedIn, (await idp.person()).email);
    expect((await idp.token(old, without(exchange(request, answer), 'code_verifier'))).status).toBe(200);
    await expect(idp.declare({ type: 'public', nonceInsteadOfPkce: true })).rejects.toThrow(/cannot do without PKCE/);
  });

  test('a code exchange without verifier is refused to a public client, and with one goes through', async () => {
    const { url, request } = await newCode(spa);
    const bare = await asPublic(spa, without(exchange(request, url), 'code_verifier'));
    expect([bare.status, bare.body['error']]).toEqual([400, 'invalid_grant']);
    expect((await asPublic(spa, exchange(request, url))).status).toBe(200);
  });
});

describe('R-07: a confidential client that was declared to send a nonce instead', () => {
  let lenient: string;
  const bare = { code_challenge: '', code_challenge_method: '' };
  beforeAll(async () => {
    lenient = await idp.declare({ nonceInsteadOfPkce: true });
  });

  test('gets its code without a challenge, and nothing without a nonce either', async () => {
    const { url, request } = await newCode(lenient, bare);
    const fields = without(exchange(request, url), 'code_verifier');
    expect((await idp.token(lenient, fields)).status).toBe(200);
    const neither = authorizationRequest(lenient, { ...bare, nonce: '', prompt: 'none' });
    expect((await idp.browser().authorize(neither)).url.searchParams.get('error')).toBe('invalid_request');
  });

  test('must answer a challenge that it did send, cannot send a plain one, and no verifier without one', async () => {
    const challenged = await newCode(lenient);
    const dropped = without(exchange(challenged.request, challenged.url), 'code_verifier');
    expect((await idp.token(lenient, dropped)).body['error']).toBe('invalid_grant');
    const plain = authorizationRequest(lenient, { code_challenge_method: 'plain', prompt: 'none' });
    expect((await idp.browser().authorize(plain)).url.searchParams.get('error')).toBe('invalid_request');
    const unchallenged = await newCode(lenient, bare);
    const invented = await idp.token(lenient, exchange(unchallenged.request, unchallenged.url));
    expect(invented.body['error']).toBe('invalid_grant');
  });

  test('is never a public one', async () => {
    await expect(idp.declare({ type: 'public', nonceInsteadOfPkce: true })).rejects.toThrow('public');
  });
});

test('A-27: no truncation and no flipped bit of a code is accepted, and the code survives the guesses', async () => {
  const { url, request } = await newCode(client);
  const code = codeOf(url);
  const answers = await Promise.all(
    mutilated(code).map(async (guess) => (await idp.token(client, exchange(request, redirectWith(guess)))).status),
  );
  expect(answers.length).toBeGreaterThan(100);
  expect(new Set(answers)).toEqual(new Set([400]));
  expect((await idp.token(client, exchange(request, url))).status).toBe(200);
});

async function newCode(id: string, over: Record<string, string> = {}) {
  const request = authorizationRequest(id, over);
  const { url } = await idp.browser().signIn(request, (await idp.person()).email);
  expect(url.searchParams.has('code')).toBe(true);
  return { request, url };
}

function asPublic(id: string, fields: Record<string, string>) {
  return idp.token(id, fields, { secret: null });
}

function redirectWith(code: string): URL {
  return new URL(`${callback}?${new URLSearchParams({ code })}`);
}

/** What the ledger says of the session at this application that the access token came from. */
function revocationsOf(accessToken: string) {
  const { sid } = claimsOf(accessToken);
  return idp.sql(`select cause, issued_before from revocation where target ->> 'sid' = ?`, [sid]);
}

function without({ ...fields }: Record<string, string>, name: string): Record<string, string> {
  delete fields[name];
  return fields;
}

function withoutEmpty(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
