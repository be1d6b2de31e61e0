import { expect, test } from 'vitest';
import { readForm, readJson } from './bodies.ts';
import { raw, serve } from './test-server.ts';

const evil = 'evil.example';

const forms: Record<string, (own: string) => string> = {
  'a foreign Host': () => `GET / HTTP/1.1\r\nHost: ${evil}\r\n\r\n`,
  'our Host with a foreign port': () => 'GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n',
  'userinfo in Host (a@b)': (own) => `GET / HTTP/1.1\r\nHost: ${own}@${evil}\r\n\r\n`,
  'two Host headers': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: ${evil}\r\n\r\n`,
  'our Host twice': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: ${own}\r\n\r\n`,
  'an absolute-form target': (own) => `GET http://${evil}/ HTTP/1.1\r\nHost: ${own}\r\n\r\n`,
  'a target that starts with //': (own) => `GET //${evil}/ HTTP/1.1\r\nHost: ${own}\r\n\r\n`,
  'X-Forwarded-Host': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nX-Forwarded-Host: ${evil}\r\n\r\n`,
  'X-Forwarded-Host as a list': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nX-Forwarded-Host: ${own}, ${evil}\r\n\r\n`,
  Forwarded: (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nForwarded: for=1.2.3.4;host="${evil}";proto=https\r\n\r\n`,
  'X-Host': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nX-Host: ${evil}\r\n\r\n`,
  'no Host (HTTP/1.0)': () => 'GET / HTTP/1.0\r\n\r\n',
};

test.each(Object.entries(forms))('R-10 A-13: %s is answered 421 before koa and not repeated', async (_, request) => {
  let reached = 0;
  await using server = await serve((router) => router.get(/.*/, () => void reached++), { trustedHops: 1 });

  const answer = await raw(server.port, request(`localhost:${server.port}`));

  expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  expect(answer).not.toContain(evil);
  expect(reached).toBe(0);
});

test('R-10: scheme and port headers of a stranger change nothing koa derives, even behind a trusted proxy', async () => {
  await using server = await serve(
    (router) => router.get('/', (ctx) => void (ctx.body = { protocol: ctx.protocol, headers: ctx.headers })),
    { trustedHops: 1, https: true },
  );
  const own = `localhost:${server.port}`;

  const answer = await raw(
    server.port,
    `GET / HTTP/1.1\r\nHost: ${own}\r\nX-Forwarded-Host: ${own}\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Port: 666\r\nConnection: close\r\n\r\n`,
  );

  expect(answer).toContain('"protocol":"https"');
  expect(answer).toContain('"x-forwarded-proto":"https"');
  expect(answer).not.toMatch(/gopher|666|x-forwarded-host/);
});

test('R-62: the address is that of the socket without a trusted hop, and the last entry with one', async () => {
  const ask = async (trustedHops: number) => {
    await using server = await serve((router) => router.get('/', (ctx) => void (ctx.body = ctx.ip)), { trustedHops });
    const response = await fetch(server.url, { headers: { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7' } });
    return response.text();
  };
  expect(await ask(0)).toMatch(/127\.0\.0\.1$|^::1$/);
  expect(await ask(1)).toBe('203.0.113.7');
});

const oversized: Record<string, (own: string) => string> = {
  'a 16 kB URL': (own) => `GET /${'a'.repeat(16_384)} HTTP/1.1\r\nHost: ${own}\r\n\r\n`,
  'a 64 kB header': (own) => `GET / HTTP/1.1\r\nHost: ${own}\r\nX-Big: ${'a'.repeat(65_536)}\r\n\r\n`,
  'a declared 1 MB form': (own) =>
    `POST /form HTTP/1.1\r\nHost: ${own}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\na=`,
  'an undeclared 128 kB form': (own) =>
    `POST /form HTTP/1.1\r\nHost: ${own}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n` +
    `20000\r\n${'a'.repeat(0x20000)}\r\n0\r\n\r\n`,
  'undeclared 128 kB JSON': (own) =>
    `POST /json HTTP/1.1\r\nHost: ${own}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
    `20000\r\n${'['.repeat(0x20000)}\r\n0\r\n\r\n`,
};

test.each(Object.entries(oversized))('R-23: %s is refused by 4xx and no handler runs', async (_, request) => {
  let reached = 0;
  await using server = await serve((router) => {
    router.post('/form', readForm, () => void reached++);
    router.post('/json', readJson, () => void reached++);
  });

  expect(await raw(server.port, request(`localhost:${server.port}`))).toMatch(/^HTTP\/1\.1 4(13|14|31) /);
  expect(reached).toBe(0);
});

test('R-23: 1e5 parameters and JSON nested 20,000 deep are bounded work', async () => {
  await using server = await serve((router) => {
    router.post('/form', readForm, (ctx) => void (ctx.status = 204));
    router.post('/json', readJson, (ctx) => void (ctx.status = 204));
  });
  const started = performance.now();
  const form = await fetch(`${server.url}/form`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'a&'.repeat(100_000),
  });
  const json = await fetch(`${server.url}/json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '['.repeat(20_000) + ']'.repeat(20_000),
  });
  expect(form.status).toBe(413);
  expect([204, 400]).toContain(json.status);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('F-02: draining finishes the request in flight, refuses new ones and then ends at once', async () => {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const server = await serve(
    (router) =>
      router.get('/slow', async (ctx) => {
        arrived.resolve();
        await release.promise;
        ctx.body = 'finished';
      }),
    { drainMs: 60_000 },
  );
  const inFlight = fetch(`${server.url}/slow`);
  await arrived.promise;

  const drained = server[Symbol.asyncDispose]();
  await expect(fetch(`${server.url}/slow`)).rejects.toThrow('fetch failed');
  release.resolve();

  expect(await (await inFlight).text()).toBe('finished');
  const started = performance.now();
  await drained; // not held up by the client's kept-alive connection
  expect(performance.now() - started).toBeLessThan(1000);
});

test('F-02: what does not finish within drainMs is cut', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = await serve(
    (router) =>
      router.get('/never', async () => {
        arrived.resolve();
        await new Promise(() => {});
      }),
    { drainMs: 50 },
  );
  const inFlight = fetch(`${server.url}/never`).then(
    () => 'answered',
    () => 'cut',
  );
  await arrived.promise;
  await server[Symbol.asyncDispose]();
  expect(await inFlight).toBe('cut');
});

test('F-02: an answer without an end is told that the draining has begun, and holds nothing up', async () => {
  const server = await serve(
    (router, koa) =>
      router.get('/stream', (ctx) => {
        ctx.respond = false;
        ctx.res.writeHead(200).write('begun\n');
        koa.once('draining', () => void ctx.res.end('ended\n'));
      }),
    { drainMs: 60_000 },
  );
  const answer = await fetch(`${server.url}/stream`);
  await server[Symbol.asyncDispose]();
  expect(await answer.text()).toBe('begun\nended\n');
});
