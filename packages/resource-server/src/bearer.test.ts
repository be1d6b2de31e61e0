import { randomUUID } from 'node:crypto';
import { createPublisher, type Revocation } from '@portcullis/revocation';
import { eventually, startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { bearer, type BearerOptions } from './bearer.ts';
import { redisSource } from './index.ts';
import { audience, keyPair, startIssuer } from './test-issuer.ts';

/** The whole door over a real Redis, and an issuer that does as it is told. */
async function door(over: Partial<BearerOptions> = {}) {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const issuer = stack.use(await startIssuer());
  const redis = stack.use(await startRedis());
  const client = stack.adopt(new Redis(redis.url), (it) => it.disconnect());
  const publisher = createPublisher(client);
  await publisher.rebuild([], 0);
  const api = stack.use(
    bearer({ issuer: issuer.url, audience, revocations: redisSource({ url: redis.url }), app: 'notes', ...over }),
  );
  await api.ready();
  const handle = api.fetch((_request, { sub }) => new Response(sub));
  const call = (token: string, method = 'GET') =>
    handle(new Request('http://notes.test', { method, headers: { authorization: `Bearer ${token}` } }));
  return { issuer, redis, publisher, api, call };
}

function banOf(sub: string): Revocation {
  const target = { kind: 'account', sub } as const;
  return {
    id: randomUUID(),
    seq: 1,
    target,
    issuedBefore: null,
    cause: 'ban',
    recordedAt: Date.now(),
    expiresAt: null,
  };
}

test('R-56 a token is good until word of its revocation comes, and then at once no more', async () => {
  const { issuer, publisher, call } = await door();
  const token = await issuer.token();
  expect((await call(token)).status).toBe(200);

  await publisher.publish([banOf('alice')]);

  await eventually(async () => (await call(token)).status === 401, { withinMs: 500 });
  expect((await call(await issuer.token({ sub: 'bob' }))).status).toBe(200);
});

test('F-15 a key removed in an emergency is refused as soon as word of it comes', async () => {
  const { issuer, publisher, call } = await door();
  const token = await issuer.token();
  expect((await call(token)).status).toBe(200);

  issuer.state.keys = [await keyPair('key-2')];
  await publisher.keysChanged();

  expect(await eventually(async () => (await call(token)).status === 401, { withinMs: 600 })).toBe(true);
});

test('F-15 word of a removal that the answering node has not heard of yet is followed up', async () => {
  const { issuer, publisher, call } = await door();
  const token = await issuer.token();
  await call(token);
  const before = issuer.state.jwksFetches;

  await publisher.keysChanged();
  await eventually(() => issuer.state.jwksFetches > before);
  issuer.state.keys = [await keyPair('key-2')];

  expect(await eventually(async () => (await call(token)).status === 401, { withinMs: 4000 })).toBe(true);
});

test('F-08 cut off: everything goes on for as long as was said, then nothing', async () => {
  const { issuer, redis, call, api } = await door({ maxStalenessMs: 1500 });
  const token = await issuer.token();

  redis.pause();
  expect((await call(token)).status).toBe(200);
  const refused = await eventually(async () => (await call(token)).status === 503, { withinMs: 3000 });

  expect(refused).toBe(true);
  expect(api.status().state).toBe('closed');
  redis.resume();
  await eventually(async () => (await call(token)).status === 200);
});

test('F-08 cut off with reads allowed: reads go on up to the second bound, changes do not; what is revoked stays so', async () => {
  const { issuer, redis, publisher, call, api } = await door({
    maxStalenessMs: 1500,
    whenStale: { allow: 'reads', forMs: 2000 },
  });
  const [token, dead] = [await issuer.token(), await issuer.token({ sub: 'bob' })];
  await publisher.publish([banOf('bob')]);
  await eventually(async () => (await call(dead)).status === 401);

  redis.pause();
  await eventually(() => api.status().state === 'stale', { withinMs: 3000 });
  expect((await call(token)).status).toBe(200);
  expect((await call(token, 'HEAD')).status).toBe(200);
  expect((await call(token, 'POST')).status).toBe(503);
  expect((await call(dead)).status).toBe(401);
  await expect(api.ready()).resolves.toBeDefined();

  expect(await eventually(async () => (await call(token)).status === 503, { withinMs: 4000 })).toBe(true);
});

test('F-05 a Redis that hangs slows no check down', async () => {
  const { issuer, redis, call } = await door();
  const token = await issuer.token();
  await call(token);

  redis.pause();
  const started = performance.now();
  for (let i = 0; i < 100; i += 1) expect((await call(token)).status).toBe(200);

  expect((performance.now() - started) / 100).toBeLessThan(100);
});

test('F-08 cut off with credentials: the issuer is asked, and what it says holds also for changes', async () => {
  const { issuer, redis, call, api } = await door({ maxStalenessMs: 1500, client: { id: 'notes', secret: 's' } });
  const [token, dead] = [await issuer.token(), await issuer.token()];

  redis.pause();
  await eventually(() => api.status().state === 'closed', { withinMs: 3000 });
  expect((await call(token, 'POST')).status).toBe(200);
  issuer.state.introspection.answer = { active: false };
  expect((await call(dead)).status).toBe(401);
  expect(issuer.state.introspection.asked).toHaveLength(2);
});
