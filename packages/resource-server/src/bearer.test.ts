import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { expect, onTestFinished, test } from 'vitest';
import { bearer } from './bearer.ts';
import type { Verification } from './verifier.ts';

async function api(result: Verification, need?: Parameters<typeof bearer>[1]) {
  const koa = new Koa();
  koa.use(bearer({ verify: async () => result }, need));
  koa.use((ctx) => void (ctx.body = { sub: ctx.state['token'].sub }));
  const handle = koa.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (authorization?: string, path = '/') =>
    fetch(url + path, { headers: { connection: 'close', ...(authorization === undefined ? {} : { authorization }) } });
}

const token = {
  iss: 'i',
  sub: 'alice',
  aud: 'a',
  client_id: 'shop',
  scope: 'openid family',
  iat: 0,
  exp: 0,
  jti: 'j',
  roles: ['analyst'],
};
const good: Verification = { ok: true, token };

test('a request with a good token passes, whatever the case of the scheme', async () => {
  const call = await api(good, { scopes: ['family'], roles: ['admin', 'analyst'] });

  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const response = await call(`${scheme} a.b.c`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sub: 'alice' });
  }
});

test('RFC 6750 no token: 401 that asks for one and names no error', async () => {
  const call = await api(good);

  for (const response of [await call(), await call('Basic YTpi'), await call(undefined, '/?access_token=a.b.c')]) {
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  }
});

test.for(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a.b.c, Bearer d.e.f', 'Bearer "a"'])(
  'RFC 6750 a malformed header is 400 invalid_request: %s',
  async (authorization) => {
    const response = await (await api(good))(authorization);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  },
);

test('RFC 6750 a bad token is 401 invalid_token, in the header and in the body, and not cached', async () => {
  const call = await api({ ok: false, status: 401, error: 'invalid_token', description: 'the token has expired' });

  const response = await call('Bearer a.b.c');

  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer error="invalid_token", error_description="the token has expired"',
  );
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({ error: 'invalid_token', error_description: 'the token has expired' });
});

test('RFC 6750 a token without the scope or the role is 403 insufficient_scope', async () => {
  const scope = await (await api(good, { scopes: ['family', 'admin'] }))('Bearer a.b.c');
  expect(scope.status).toBe(403);
  expect(scope.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  expect(scope.headers.get('www-authenticate')).toContain('scope="family admin"');

  const role = await (await api(good, { roles: ['admin'] }))('Bearer a.b.c');
  expect(role.status).toBe(403);
});

test('nobody can say: 503 with Retry-After and no challenge', async () => {
  const call = await api({ ok: false, status: 503, error: 'temporarily_unavailable', description: 'later' });

  const response = await call('Bearer a.b.c');

  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(response.headers.get('www-authenticate')).toBeNull();
});
