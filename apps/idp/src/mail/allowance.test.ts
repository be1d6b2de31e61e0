import { startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { createMailAllowance } from './allowance.ts';

async function twoNodes() {
  const resources = new AsyncDisposableStack();
  const redis = resources.use(await startRedis());
  const clients = [new Redis(redis.url), new Redis(redis.url)];
  for (const client of clients) {
    resources.defer(() => client.disconnect());
    client.on('error', () => {});
    await client.ping();
  }
  const nodes = clients.map((client) => createMailAllowance({ redis: client }));
  return {
    redis,
    take: async (i: number, of: { email: string; address: string }) => Boolean(await nodes[i % nodes.length]?.take(of)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const granted = async (attempts: Promise<boolean>[]) => (await Promise.all(attempts)).filter(Boolean).length;

test('A-26: of a thousand requests for one address, from many networks over two nodes, three make a letter', async () => {
  await using nodes = await twoNodes();
  const attempts = Array.from({ length: 1000 }, (_, i) =>
    nodes.take(i, { email: 'mara@example.org', address: `192.0.${i >> 8}.${i & 255}` }),
  );
  expect(await granted(attempts)).toBe(3);
  expect(await nodes.take(0, { email: 'bob@example.org', address: '192.0.0.1' })).toBe(true);
});

test('A-26: of a thousand addresses asked for from one network, an IPv6 /64, twenty get a letter', async () => {
  await using nodes = await twoNodes();
  const attempts = Array.from({ length: 1000 }, (_, i) =>
    nodes.take(i, { email: `person-${i}@example.org`, address: `2001:db8:1:2::${i.toString(16)}` }),
  );
  expect(await granted(attempts)).toBe(20);
  expect(await nodes.take(0, { email: 'mara@example.org', address: '2001:db8:1:3::1' })).toBe(true);
});

test('A-26: whoever repeats a request for one address uses up no letters of the office it sits in', async () => {
  await using nodes = await twoNodes();
  const address = '192.0.2.1';
  for (let i = 0; i < 30; i++) await nodes.take(i, { email: 'impatient@example.org', address });
  expect(await nodes.take(0, { email: 'colleague@example.org', address })).toBe(true);
});

test('F-03: with Redis away letters still go out, and no more of them', async () => {
  await using nodes = await twoNodes();
  await nodes.redis.kill();
  const attempts = Array.from({ length: 100 }, () =>
    nodes.take(0, { email: 'mara@example.org', address: '192.0.2.1' }),
  );
  expect(await granted(attempts)).toBe(1);
});
