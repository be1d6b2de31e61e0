import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createMirror, redisSource } from '@portcullis/revocation';
import { freePort, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  authorizationRequest,
  claimsOf,
  exchange,
  startIdp,
  type AuthorizationRequest,
  type TestIdp,
} from '#harness.ts';
import { portcullis } from '#cli/test/portcullis.ts';

vi.setConfig({ testTimeout: 60_000 });

let idp: TestIdp;
let mirror: ReturnType<typeof createMirror>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  const source = redisSource({ url: idp.redis.url });
  mirror = disposables.use(createMirror({ source, app: 'patient', instance: unique('mirror') }));
  await mirror.ready();
});
afterAll(() => disposables.disposeAsync());

const refused = (claims: Record<string, unknown>): boolean => mirror.check(claims).state !== 'clear';

test('an application that asks the denylist is found to refuse the banned canary, page and API; nothing of the canary is left', async () => {
  await using app = await patient({ asks: refused });

  const { code, out } = await doctor([app.url, '--api', `${app.url}/api`]);

  expect(out).toMatch(/^✓ page \S+: refused .* after the ban/m);
  expect(out).toMatch(/^✓ api \S+: refused .* with 401/m);
  expect(code).toBe(0);
  expect(await idp.sql(`select 1 from account where email like 'canary-%'`)).toEqual([]);
  expect(await idp.sql(`select 1 from client where id like 'doctor-%'`)).toEqual([]);
});

test('an application that never asks is found out, with 1', async () => {
  await using app = await patient({ asks: () => false });

  const { code, out } = await doctor([app.url, '--within', '400ms', '--json']);

  const [finding, ...more] = JSON.parse(out) as Record<string, unknown>[];
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ what: 'page', stillAccepted: true, acceptedMs: expect.any(Number) });
  expect(Number(finding?.['acceptedMs'])).toBeGreaterThan(400);
  expect(code).toBe(1);
  expect(await idp.sql(`select 1 from account where email like 'canary-%'`)).toEqual([]);
});

test('an application that asks late is timed', async () => {
  let since = 0;
  const late = (claims: Record<string, unknown>) => {
    if (!refused(claims)) return false;
    since ||= performance.now();
    return performance.now() - since > 700;
  };
  await using app = await patient({ asks: late });

  const { code, out } = await doctor([app.url, '--json']);

  const [finding] = JSON.parse(out) as { acceptedMs: number; stillAccepted: boolean }[];
  expect(finding?.stillAccepted).toBe(false);
  expect(finding?.acceptedMs).toBeGreaterThan(500);
  expect(finding?.acceptedMs).toBeLessThan(2000);
  expect(code).toBe(0);
  since = 0;
  expect((await doctor([app.url, '--within', '300ms'])).code).toBe(1);
});

test.each([
  ['has no sign-in', '/nothing', [], /No sign-in page at/],
  ['shows strangers the same page', '/', ['--path', '/imprint', '--sign-in', '/login'], /looks the same to a stranger/],
  ['has no such page', '/', ['--path', '/nothing', '--sign-in', '/login'], /answered 404/],
  ['refuses the token from the start', '/', ['--api', '/closed'], /answered 403 to the canary's token/],
])('an application that %s cannot be examined: 4', async (_what, path, args, message) => {
  await using app = await patient({ asks: refused });
  const options = args.map((arg) => (arg === '/closed' ? app.url + arg : arg));

  const { code, err } = await doctor([app.url + path, ...options]);

  expect(err).toMatch(message);
  expect(code).toBe(4);
  expect(await idp.sql(`select 1 from account where email like 'canary-%'`)).toEqual([]);
});

test('wrong usage is 2', async () => {
  expect((await doctor(['ftp://x'])).code).toBe(2);
  expect((await doctor(['http://localhost:1', '--within', 'soon'])).code).toBe(2);
});

function doctor(args: string[]) {
  return portcullis(['doctor', ...args], { DATABASE_URL: idp.database.url, REDIS_URL: idp.redis.url });
}

/** A relying application of somebody's own: sessions in memory, and `asks` says whether a token has been revoked. */
async function patient({ asks }: { asks: (claims: Record<string, unknown>) => boolean }) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const redirectUri = `${url}/callback`;
  const clientId = await idp.declare({ redirectUris: [redirectUri] });
  const waiting = new Map<string, AuthorizationRequest>();
  const sessions = new Map<string, Record<string, unknown>>();

  const server = createServer((req, res) => void answer(req, res)).listen(port);
  await once(server, 'listening');
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const at = new URL(req.url ?? '/', url);
    const cookie = /patient=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? '';
    const session = sessions.get(cookie);
    const known = session && !asks(session) ? session : undefined;
    switch (at.pathname) {
      case '/':
        return html(res, 200, known ? `Hello, ${String(known['name'])}` : '<a href="/login">Log in</a>');
      case '/imprint':
        return html(res, 200, 'Run by somebody');
      case '/login': {
        const request = authorizationRequest(clientId, { redirect_uri: redirectUri });
        waiting.set(request.params['state'] ?? '', request);
        return redirect(res, `${idp.issuer}/auth?${new URLSearchParams(request.params)}`);
      }
      case '/callback': {
        const request = waiting.get(at.searchParams.get('state') ?? '');
        if (!request) return html(res, 400, 'no such sign-in');
        const { body } = await idp.token(clientId, exchange(request, at));
        const id = randomUUID();
        sessions.set(id, { ...claimsOf(body['id_token']), ...claimsOf(body['access_token']) });
        res.setHeader('Set-Cookie', `patient=${id}; Path=/; HttpOnly`);
        return redirect(res, '/');
      }
      case '/api': {
        const bearer = claimsOf(req.headers.authorization);
        return html(res, bearer['sub'] && !asks(bearer) ? 200 : 401, '{}');
      }
      case '/closed':
        return html(res, 403, '{}');
      default:
        return html(res, 404, 'nothing here');
    }
  }
}

function html(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { 'content-type': 'text/html' }).end(body);
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(303, { location }).end();
}
