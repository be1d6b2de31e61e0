import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import Koa from 'koa';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Need } from './decision.ts';
import { createGuard, tokenOf } from './guard.ts';
import type { AccessToken } from './token.ts';
import type { Verification, Verifier } from './verifier.ts';

type Call = (authorization?: string, path?: string, method?: string) => Promise<Response>;
type Api = (verifier: Pick<Verifier, 'verify'>, need: Need) => Promise<Call>;

const forms: Record<string, Api> = {
  koa: async (verifier, need) => {
    const koa = new Koa();
    koa.use(createGuard(verifier, { realm: 'notes' }).koa(need));
    koa.use((ctx) => void (ctx.body = { sub: (ctx.state['token'] as AccessToken).sub }));
    const handle = koa.callback();
    return listening((request, response) => void handle(request, response));
  },
  express: async (verifier, need) => {
    const app = express();
    app.use(createGuard(verifier, { realm: 'notes' }).express(need));
    app.use((req, res) => void res.json({ sub: tokenOf(req).sub }));
    return listening(app);
  },
  'node:http': async (verifier, need) => {
    const guard = createGuard(verifier, { realm: 'notes' }).express(need);
    return listening((req, res) => guard(req, res, () => res.end(JSON.stringify({ sub: tokenOf(req).sub }))));
  },
  fetch: async (verifier, need) => {
    const guard = createGuard(verifier, { realm: 'notes' });
    const handler = guard.fetch((_request, { sub }) => Response.json({ sub }), need);
    return (authorization, path = '/', method = 'GET') =>
      handler(new Request(`http://notes.test${path}`, { method, headers: authorization ? { authorization } : {} }));
  },
};

async function listening(listener: RequestListener): Promise<Call> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (authorization, path = '/', method = 'GET') =>
    fetch(url + path, { method, headers: { connection: 'close', ...(authorization ? { authorization } : {}) } });
}

const now = Math.floor(Date.now() / 1000);
const token: AccessToken = {
  iss: 'i',
  sub: 'alice',
  aud: 'a',
  client_id: 'shop',
  scope: 'openid family',
  iat: now,
  exp: now + 300,
  jti: 'j',
  roles: ['analyst'],
  auth_time: now - 60,
  acr: 'urn:portcullis:password',
};
const answers = (result: Verification) => ({ verify: async () => result });
const good = answers({ ok: true, token });

describe.for(Object.entries(forms))('%s', ([, api]) => {
  test('a request with a good token passes, whatever the case of the scheme', async () => {
    const call = await api(good, { scopes: ['family'], roles: ['admin', 'analyst'] });

    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const response = await call(`${scheme} a.b.c`);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ sub: 'alice' });
    }
  });

  test('RFC 6750 no token: 401 that asks for one, names the scope and no error', async () => {
    const call = await api(good, { scopes: ['family', 'notes'] });

    for (const response of [await call(), await call('Basic YTpi'), await call(undefined, '/?access_token=a.b.c')]) {
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="notes", scope="family notes"');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  test.for(['Bearer', 'Bearer  a b', 'Bearer a b', 'Bearer a.b.c, Bearer d.e.f', 'Bearer "a"'])(
    'RFC 6750 a malformed header is 400 invalid_request: %s',
    async (authorization) => {
      const response = await (await api(good, {}))(authorization);

      expect(response.status).toBe(400);
      expect(response.headers.get('www-authenticate')).toBe(
        'Bearer realm="notes", error="invalid_request", error_description="the Authorization header is malformed"',
      );
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    },
  );

  test('RFC 6750 a bad token is 401 invalid_token, in the header and in the body, and not cached', async () => {
    const refused = { ok: false, status: 401, error: 'invalid_token', description: 'the token has expired' } as const;
    const response = await (await api(answers(refused), {}))('Bearer a.b.c');

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="notes", error="invalid_token", error_description="the token has expired"',
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: 'the token has expired' });
  });

  test('RFC 6750 a token without the scope or the role is 403 insufficient_scope', async () => {
    const scope = await (await api(good, { scopes: ['family', 'admin'] }))('Bearer a.b.c');
    expect(scope.status).toBe(403);
    expect(scope.headers.get('www-authenticate')).toBe(
      'Bearer realm="notes", error="insufficient_scope", error_description="the token lacks a scope", scope="family admin"',
    );

    const role = await (await api(good, { roles: ['admin'] }))('Bearer a.b.c');
    expect(role.status).toBe(403);
  });

  test('RFC 9470 a sign-in too long ago, too weak, or of unknown time is 401 with what would do', async () => {
    expect((await (await api(good, { maxAgeSeconds: 90, acrValues: [token.acr ?? ''] }))('Bearer a.b.c')).status).toBe(
      200,
    );

    const old = await (await api(good, { maxAgeSeconds: 30 }))('Bearer a.b.c');
    expect(old.status).toBe(401);
    expect(old.headers.get('www-authenticate')).toBe(
      'Bearer realm="notes", error="insufficient_user_authentication", error_description="a more recent sign-in is needed", max_age="30"',
    );

    const weak = await (await api(good, { maxAgeSeconds: 90, acrValues: ['two', 'three'] }))('Bearer a.b.c');
    expect(weak.status).toBe(401);
    expect(weak.headers.get('www-authenticate')).toBe(
      'Bearer realm="notes", error="insufficient_user_authentication", error_description="a stronger sign-in is needed", acr_values="two three", max_age="90"',
    );

    const { auth_time: _, acr: __, ...timeless } = token;
    const call = await api(answers({ ok: true, token: timeless }), { maxAgeSeconds: 90 });
    expect((await call('Bearer a.b.c')).status).toBe(401);
  });

  test('RFC 9470 who lacks the role is not sent to sign in again in vain', async () => {
    expect((await (await api(good, { roles: ['admin'], maxAgeSeconds: 1 }))('Bearer a.b.c')).status).toBe(403);
  });

  test('nobody can say: 503 with Retry-After and no challenge', async () => {
    const unknown = { ok: false, status: 503, error: 'temporarily_unavailable', description: 'later' } as const;
    const response = await (await api(answers(unknown), {}))('Bearer a.b.c');

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('www-authenticate')).toBeNull();
  });

  test('F-08 only GET and HEAD are reading', async () => {
    const asked: unknown[] = [];
    const call = await api({ verify: async (_token, how) => (asked.push(how?.reading), { ok: true, token }) }, {});

    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) await call('Bearer a.b.c', '/', method);

    expect(asked).toEqual([true, true, false, false, false]);
  });
});

test('a failure of the verifier goes to the error handling of Express', async () => {
  const app = express();
  app.use(createGuard({ verify: () => Promise.reject(new Error('broken')) }).express());
  app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    res.status(500).json({ seen: error.message });
  });

  const response = await (await listening(app))('Bearer a.b.c');

  expect(await response.json()).toEqual({ seen: 'broken' });
});

test('a route that nothing guards has no token, and says so', async () => {
  expect(() => tokenOf({} as never)).toThrow('no guard');
});
