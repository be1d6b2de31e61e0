import { createMirror, redisSource } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, clientSecret, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let shop: string;
let forum: string;
let stranger: string;
let browserApp: string;

beforeAll(async () => {
  idp = await startIdp();
  [shop, forum] = [await idp.declare(), await idp.declare()];
  stranger = await idp.declare({ resources: [] });
  browserApp = await idp.declare({ type: 'public' });
});
afterAll(() => idp[Symbol.asyncDispose]());

type Answer = { status: number; body: Record<string, unknown>; headers: Headers };

async function ask(path: string, fields: Record<string, string>, client = shop, secret = clientSecret) {
  const response = await fetch(`${idp.origin}/token/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:${secret}`)}` },
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, body, headers: response.headers } satisfies Answer;
}
const introspect = (token: string, client?: string, secret?: string) => ask('introspection', { token }, client, secret);
const revoke = (token: string, client?: string, secret?: string) => ask('revocation', { token }, client, secret);

describe('RFC 7662: introspection of a JWT access token', () => {
  test('says what the token says to the client it was issued to, and is not to be cached', async () => {
    const { access_token } = await idp.tokens(shop);
    const { status, body, headers } = await introspect(access_token);
    expect({ status, body }).toEqual({
      status: 200,
      body: { active: true, token_type: 'Bearer', ...claimsOf(access_token) },
    });
    expect(headers.get('cache-control')).toContain('no-store');
  });

  test('answers any client registered for the audience, and nobody else', async () => {
    const { access_token } = await idp.tokens(shop);
    expect((await introspect(access_token, forum)).body['active']).toBe(true);
    expect((await introspect(access_token, stranger)).body).toEqual({ active: false });
  });

  test('authenticates the caller: a wrong secret is 401, a client without a secret learns nothing', async () => {
    const { access_token } = await idp.tokens(shop);
    expect((await introspect(access_token, shop, 'a-wrong-secret-of-thirty-two-characters')).status).toBe(401);
    const own = await idp.tokens(browserApp).catch(() => undefined);
    const response = await fetch(`${idp.origin}/token/introspection`, {
      method: 'POST',
      body: new URLSearchParams({ token: own?.access_token ?? access_token, client_id: browserApp }),
    });
    expect(await response.json()).toEqual({ active: false });
  });

  test.each([
    ['its signature', (jwt: string) => `${jwt.slice(0, -8)}AAAAAAAA`],
    ['its payload', (jwt: string) => jwt.replace(/\.(.)/, (_, first) => `.${first === 'e' ? 'f' : 'e'}`)],
    ['its type, being an ID token', () => ''],
  ])('R-50: a token that is wrong by %s is not active', async (_what, spoil) => {
    const { access_token, id_token } = await idp.tokens(shop);
    expect((await introspect(spoil(access_token) || id_token)).body).toEqual({ active: false });
  });

  test('F-03: after a ban it is not active, also while Redis is away', async () => {
    const { access_token, account } = await idp.tokens(shop);
    expect((await introspect(access_token)).body['active']).toBe(true);
    await idp.sql(
      `insert into revocation (id, target, cause, recorded_at)
       values (gen_random_uuid(), ?::jsonb, 'ban', now())`,
      [JSON.stringify({ kind: 'account', sub: account.id })],
    );
    idp.redis.pause();
    try {
      expect((await introspect(access_token)).body).toEqual({ active: false });
    } finally {
      idp.redis.resume();
    }
  });

  test('of an opaque token the client it was issued to hears, and nobody else', async () => {
    const { access_token } = await idp.tokens(shop, { resource: '' });
    expect((await introspect(access_token)).body['active']).toBe(true);
    expect((await introspect(access_token, forum)).body).toEqual({ active: false });
  });
});

describe('RFC 7009: revocation of a JWT access token', () => {
  test('reaches every mirror, and the token alone', async () => {
    const { access_token, account } = await idp.tokens(shop);
    await using mirror = mirrorOfTheFamily();
    await mirror.ready();
    expect(mirror.check(claimsOf(access_token)).state).toBe('clear');

    expect(await revoke(access_token)).toMatchObject({ status: 200, body: {} });
    await eventually(() => mirror.check(claimsOf(access_token)).state === 'revoked');
    expect((await introspect(access_token)).body).toEqual({ active: false });

    const another = await idp.tokens(shop, {}, { account });
    expect(mirror.check(claimsOf(another.access_token)).state).toBe('clear');
    expect(
      await idp.sql(`select action, account_id from audit_event where action = 'revocation.token_revoked'`),
    ).toEqual(expect.arrayContaining([{ action: 'revocation.token_revoked', account_id: account.id }]));
  });

  test('a second time changes nothing; a token that is not one is 200 as well', async () => {
    const { access_token } = await idp.tokens(shop);
    const count = () => idp.sql(`select from revocation where target ->> 'jti' = ?`, [claimsOf(access_token)['jti']]);
    await revoke(access_token);
    expect((await revoke(access_token)).status).toBe(200);
    expect(await count()).toHaveLength(1);
    expect((await revoke('eyJhbGciOiJub25lIn0.e30.')).status).toBe(200);
  });

  test('is refused to a client it was not issued to, and to a wrong secret', async () => {
    const { access_token } = await idp.tokens(shop);
    expect(await revoke(access_token, forum)).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect((await revoke(access_token, shop, 'a-wrong-secret-of-thirty-two-characters')).status).toBe(401);
    expect((await introspect(access_token)).body['active']).toBe(true);
  });

  test('a token of the client itself (client credentials) can be introspected and revoked', async () => {
    const service = await idp.declare({ grantTypes: ['client_credentials'] });
    const { body } = await idp.token(service, { grant_type: 'client_credentials', resource: 'urn:portcullis:family' });
    const token = body['access_token'] ?? '';
    expect((await introspect(token, service)).body['active']).toBe(true);
    expect((await revoke(token, service)).status).toBe(200);
    expect((await introspect(token, service)).body).toEqual({ active: false });
  });
});

test('discovery names both endpoints', async () => {
  const metadata = (await (await fetch(`${idp.origin}/.well-known/openid-configuration`)).json()) as object;
  expect(metadata).toMatchObject({
    introspection_endpoint: `${idp.issuer}/token/introspection`,
    revocation_endpoint: `${idp.issuer}/token/revocation`,
  });
});

function mirrorOfTheFamily() {
  return createMirror({ source: redisSource({ url: idp.redis.url }), app: 'shop', instance: 'test' });
}
