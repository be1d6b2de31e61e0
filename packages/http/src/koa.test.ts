import Koa from 'koa';
import { expect, test } from 'vitest';
import { AppError } from './app-error.ts';
import { readForm, readQuery } from './bodies.ts';
import { allowFormAction } from './security-headers.ts';
import { serve } from './test-server.ts';

function directives(response: Response): Map<string, string[]> {
  const csp = response.headers.get('Content-Security-Policy') ?? '';
  return new Map(
    csp.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

test.each(['/found', '/nowhere', '/broken', '/health/x'])(
  'R-60 R-21: the security headers are on the answer of %s',
  async (path) => {
    await using server = await serve(
      (router) => {
        router.get('/found', (ctx) => void (ctx.body = 'ok'));
        router.get('/broken', () => {
          throw new Error('boom');
        });
      },
      { https: true },
    );
    const response = await fetch(server.url + path, { headers: { Accept: 'text/html' } });
    expect(Object.fromEntries(directives(response))).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'form-action': ["'self'"],
      'base-uri': ["'none'"],
      'frame-ancestors': ["'none'"],
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
      'cache-control': 'no-store',
    });
    expect(response.headers.get('x-powered-by')).toBeNull();
  },
);

test('R-60: the headers survive on answers of a koa mounted by its raw handler', async () => {
  const inner = new Koa();
  inner.use((ctx) => {
    ctx.set('Cache-Control', 'public, max-age=60');
    ctx.body = { keys: [] };
  });
  const handle = inner.callback();
  await using server = await serve((_, koa) =>
    koa.use(async (ctx) => {
      ctx.respond = false;
      await handle(ctx.req, ctx.res);
    }),
  );
  const response = await fetch(`${server.url}/jwks`);
  expect(await response.json()).toEqual({ keys: [] });
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(response.headers.get('Cache-Control')).toBe('public, max-age=60');
});

test('R-60: form-action reaches the origin of the running flow, for this response only', async () => {
  await using server = await serve((router) => {
    router.get('/plain', (ctx) => void (ctx.body = ''));
    router.get('/flow', (ctx) => {
      allowFormAction(ctx, 'https://shop.example/callback?x=1; script-src *');
      allowFormAction(ctx, 'https://shop.example/other');
      allowFormAction(ctx, 'com.example.app:/callback');
      ctx.body = '';
    });
  });
  const flow = directives(await fetch(`${server.url}/flow`));
  expect(flow.get('form-action')?.toSorted((a, b) => a.localeCompare(b))).toEqual(
    ["'self'", 'com.example.app:', 'https://shop.example'].toSorted((a, b) => a.localeCompare(b)),
  );
  expect(flow.get('script-src')).toEqual(["'self'"]);
  expect(directives(await fetch(`${server.url}/plain`)).get('form-action')).toEqual(["'self'"]);
});

test('an AppError becomes a page or JSON by Accept, with its public message, status and Retry-After', async () => {
  await using server = await serve((router) =>
    router.get('/', () => {
      throw new AppError('throttled', 'too_many', 'Wait a little.', { log: 'internal detail', retryAfterSeconds: 2.5 });
    }),
  );
  const json = await fetch(server.url);
  expect(json.status).toBe(429);
  expect(json.headers.get('Retry-After')).toBe('3');
  expect(await json.json()).toEqual({
    error: 'too_many',
    message: 'Wait a little.',
    request_id: json.headers.get('X-Request-Id'),
  });
  const page = await fetch(server.url, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
  expect(page.headers.get('Content-Type')).toMatch(/^text\/html/);
  expect(await page.text()).toBe('<h1>Please wait a moment</h1>');
});

test('an unforeseen error answers 500 without any of its text, and is logged with its stack', async () => {
  await using server = await serve((router) =>
    router.get('/', () => {
      throw Object.assign(new Error('relation "account" does not exist'), { status: 404, expose: true });
    }),
  );
  const response = await fetch(server.url);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('relation');
  expect(server.lines.join('')).toMatch(/"level":"error".*relation .*"stack"/);
});

test('unanswered paths and methods get 404 and 405', async () => {
  await using server = await serve((router) => router.get('/here', (ctx) => void (ctx.body = 'here')));
  expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404);
  const wrongMethod = await fetch(`${server.url}/here`, { method: 'POST' });
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers.get('Allow')).toContain('GET');
});

test('R-66: one log line per request, with the path and without the query', async () => {
  await using server = await serve((router) => router.get('/callback', (ctx) => void (ctx.body = 'ok')));
  await (await fetch(`${server.url}/callback?code=canary&state=canary`)).text();
  await expect.poll(() => server.lines.length).toBe(1);
  expect(JSON.parse(server.lines[0] ?? '')).toMatchObject({
    method: 'GET',
    path: '/callback',
    status: 200,
    msg: 'request',
  });
  expect(server.lines[0]).not.toContain('canary');
});

test('what a handler marks as routine is in the log for those who look for it only', async () => {
  await using server = await serve((router) => router.get('/beat', (ctx) => void (ctx.state['routine'] = true)));
  await fetch(`${server.url}/beat`);
  await expect
    .poll(() => server.lines.map((line) => (JSON.parse(line) as { level: unknown }).level))
    .toEqual(['debug']);
});

test('R-22: a form or a query that repeats a name, or carries NUL, is refused with 400', async () => {
  await using server = await serve((router) => {
    router.post('/form', readForm, (ctx) => void (ctx.body = ctx.request.body));
    router.get('/query', (ctx) => void (ctx.body = readQuery(ctx)));
  });
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${server.url}/form`, { method: 'POST', headers: { 'Content-Type': type }, body });

  expect(await (await post('a=1&b=%C3%A9+x&__proto__=p')).text()).toBe('{"a":"1","b":"é x","__proto__":"p"}');
  expect(await (await post('a[x]=1')).json()).toEqual({ 'a[x]': '1' });
  for (const body of ['a=1&a=2', 'a=1&%61=2', 'a&a', 'a=x%00y']) expect((await post(body)).status).toBe(400);
  expect((await post('{"a":1}', 'application/json')).status).toBe(400);
  expect((await post('a=1', 'text/plain')).status).toBe(400);
  const unreadable = await fetch(`${server.url}/form`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'nonsense' },
    body: 'a=1',
  });
  expect(unreadable.status).toBe(400);
  expect((await fetch(`${server.url}/query?a=1&b=2`)).status).toBe(200);
  expect((await fetch(`${server.url}/query?a=1&a=2`)).status).toBe(400);
});
