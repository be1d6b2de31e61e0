import { randomUUID } from 'node:crypto';
import { eventually, startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { keys } from './keys.ts';
import { createMirror } from './mirror.ts';
import { createPublisher } from './publisher.ts';
import { redisSource } from './redis-source.ts';
import type { Revocation } from './revocation.ts';

const nowSeconds = () => Math.floor(Date.now() / 1000);
let sequence = 0;

function revocation(over: Partial<Revocation> = {}): Revocation {
  sequence += 1;
  return {
    id: randomUUID(),
    seq: sequence,
    target: { kind: 'account', sub: randomUUID() },
    issuedBefore: null,
    cause: 'ban',
    recordedAt: Date.now(),
    expiresAt: null,
    ...over,
  };
}

function ban(sub: string, over: Partial<Revocation> = {}): Revocation {
  return revocation({ target: { kind: 'account', sub }, ...over });
}

async function bench(maxStalenessMs = 5000) {
  const server = await startRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  const mirrors: AsyncDisposable[] = [];
  onTestFinished(async () => {
    await Promise.all(mirrors.map((mirror) => mirror[Symbol.asyncDispose]()));
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  const mirror = () => {
    const made = createMirror({
      source: redisSource({ url: server.url }),
      app: 'forum',
      instance: 'forum 1',
      maxStalenessMs,
    });
    mirrors.push(made);
    return made;
  };
  return { server, redis, publisher: createPublisher(redis), mirror };
}

test('a mirror says unknown until it has been filled, then clear, and revoked for what was there before it', async () => {
  const { publisher, mirror } = await bench();
  const first = mirror();
  expect(first.check({ sub: 'alice' }).state).toBe('unknown');
  expect(first.status().state).toBe('starting');

  await publisher.rebuild([ban('mallory')], sequence);
  await first.ready();

  expect(first.check({ sub: 'alice' }).state).toBe('clear');
  expect(first.check({ sub: 'mallory' }).state).toBe('revoked');
  expect(first.status()).toMatchObject({ state: 'fresh', entries: 1, seq: sequence });
});

test('a publication reaches a running mirror within 200 ms, without waiting for its next read', async () => {
  const { publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();

  await publisher.publish([ban('mallory')]);

  const reached = eventually(() => one.check({ sub: 'mallory' }).state === 'revoked', { withinMs: 200 });
  expect(await reached).toBe(true);
});

test('a publication whose wake-up was lost is found by the next read of the stream', async () => {
  const { redis, publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  const entry = ban('mallory');

  await redis.hset(keys.entries, entry.id, JSON.stringify(entry));
  await redis.xadd(keys.stream, '*', 'entry', JSON.stringify(entry));

  const found = eventually(() => one.check({ sub: 'mallory' }).state === 'revoked', { withinMs: 2000 });
  expect(await found).toBe(true);
});

test('of two versions published in the wrong order the higher sequence holds, in old mirrors and new ones', async () => {
  const { publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const old = mirror();
  await old.ready();
  const banned = ban('mallory');
  const lifted = { ...banned, seq: (sequence += 1), issuedBefore: nowSeconds() - 10, expiresAt: nowSeconds() + 300 };

  await publisher.publish([lifted]);
  await publisher.publish([banned]);
  const fresh = mirror();
  await fresh.ready();
  await eventually(() => old.status().seq === lifted.seq);

  for (const each of [old, fresh]) {
    expect(each.check({ sub: 'mallory', iat: nowSeconds() }).state).toBe('clear');
    expect(each.check({ sub: 'mallory', iat: nowSeconds() - 10 }).state).toBe('revoked');
  }
});

test('F-04 after FLUSHALL no mirror says clear on the word of the empty Redis, and a rebuild brings all of it back', async () => {
  const { redis, publisher, mirror } = await bench(1500);
  const mallory = ban('mallory');
  await publisher.rebuild([mallory], sequence);
  const running = mirror();
  await running.ready();

  await redis.flushall();
  const late = ban('trudy');
  await publisher.publish([late]);

  expect(await publisher.position()).toBeNull();
  const newcomer = mirror();
  await eventually(() => running.check({ sub: 'alice' }).state === 'unknown', { withinMs: 4000 });
  expect(newcomer.check({ sub: 'alice' }).state).toBe('unknown');
  expect(running.check({ sub: 'mallory' }).state).toBe('revoked');
  expect(running.check({ sub: 'trudy' }).state).toBe('revoked');

  await publisher.rebuild([mallory, late], sequence);
  for (const each of [running, newcomer]) {
    await each.ready();
    expect(each.check({ sub: 'alice' }).state).toBe('clear');
    expect(each.check({ sub: 'mallory' }).state).toBe('revoked');
    expect(each.check({ sub: 'trudy' }).state).toBe('revoked');
  }
});

test('F-04 a Redis that restarts empty is refilled, and mirrors come back by themselves', async () => {
  const { server, publisher, mirror } = await bench();
  const mallory = ban('mallory');
  await publisher.rebuild([mallory], sequence);
  const one = mirror();
  await one.ready();
  const before = one.status().epoch;

  await server.restart();
  await eventually(() => publisher.rebuild([mallory], sequence).then(() => true));

  await eventually(() => one.status().epoch !== before && one.status().state === 'fresh');
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');
});

test('F-06 an entry that a fail-over lost stays enforced in the mirrors that knew it', async () => {
  const { redis, publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await publisher.publish([ban('mallory')]);
  await one.ready();

  await redis.flushall();
  await publisher.rebuild([], 0);
  const epoch = (await publisher.position())?.epoch;

  await eventually(() => one.status().epoch === epoch && one.status().state === 'fresh');
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');
});

test('F-05 F-08 a paused Redis makes the mirror stale after its bound and never slow; resumed, it is fresh again', async () => {
  const { server, publisher, mirror } = await bench(1200);
  await publisher.rebuild([ban('mallory')], sequence);
  const one = mirror();
  await one.ready();

  server.pause();
  await eventually(() => one.check({ sub: 'alice' }).state === 'unknown', { withinMs: 4000 });
  expect(one.status().state).toBe('closed');
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');
  const begun = performance.now();
  for (let i = 0; i < 1000; i += 1) one.check({ sub: 'alice', sid: 'a.b', jti: 'x', client_id: 'shop', iat: 1 });
  expect(performance.now() - begun).toBeLessThan(100);

  server.resume();
  await eventually(() => one.check({ sub: 'alice' }).state === 'clear', { withinMs: 5000 });
});

test('F-09 a mirror that the stream was trimmed past loads the snapshot again and misses nothing', async () => {
  const { redis, server, publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  server.pause();
  await eventually(() => one.status().ageMs > 1500);
  server.resume();

  // One transaction, so that no read of the mirror falls between the entries and the trimming.
  const lost = ban('mallory');
  await redis
    .multi()
    .hset(keys.entries, lost.id, JSON.stringify(lost))
    .xadd(keys.stream, '*', 'entry', JSON.stringify(lost))
    .xadd(keys.stream, '*', 'entry', JSON.stringify(ban('trudy')))
    .xtrim(keys.stream, 'MAXLEN', 1)
    .exec();

  await eventually(() => one.check({ sub: 'mallory' }).state === 'revoked', { withinMs: 3000 });
  expect(one.status().state).toBe('fresh');
});

test('a rebuild keeps what another node published meanwhile and drops what the ledger has long forgotten', async () => {
  const { redis, publisher } = await bench();
  const [recent, ancient] = [ban('recent'), ban('ancient', { recordedAt: Date.now() - 3_600_000 })];
  await publisher.publish([recent, ancient]);

  await publisher.rebuild([], sequence);

  expect(await redis.hkeys(keys.entries)).toEqual([recent.id]);
  expect(await publisher.position()).toMatchObject({ seq: sequence, entries: 1 });
});

test('a rebuild under which Redis is emptied fails instead of sealing half a list', async () => {
  const { redis, publisher } = await bench();
  const many = Array.from({ length: 20_000 }, () => ban(randomUUID()));

  const rebuilding = publisher.rebuild(many, sequence).then(
    () => 'sealed',
    (error: Error) => error.message,
  );
  await eventually(async () => (await redis.hlen(keys.entries)) > 0);
  await redis.flushall();

  expect(await rebuilding).toContain('emptied');
  expect(await publisher.position()).toBeNull();
});

test('expired entries are swept from Redis by later publications', async () => {
  const { redis, publisher } = await bench();
  const expired = ban('old', { issuedBefore: 1, expiresAt: nowSeconds() - 120 });
  await publisher.publish([expired]);

  await publisher.publish([ban('new')]);

  expect(await redis.hexists(keys.entries, expired.id)).toBe(0);
  expect(await redis.zscore(keys.expiry, expired.id)).toBeNull();
});

test('an entry no mirror can read makes it unable to say clear', async () => {
  const { redis, publisher, mirror } = await bench(1000);
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();

  await redis.xadd(keys.stream, '*', 'entry', JSON.stringify({ ...revocation(), target: { kind: 'planet' } }));

  const closed = eventually(() => one.check({ sub: 'alice' }).state === 'unknown', { withinMs: 4000 });
  expect(await closed).toBe(true);
});

test('a mirror of 30 000 entries loads completely while more are published', async () => {
  const { publisher, mirror } = await bench();
  const many = Array.from({ length: 30_000 }, (_, i) => ban(`account-${i}`));
  await publisher.rebuild(many, sequence);
  const one = mirror();

  const more = Array.from({ length: 500 }, (_, i) => ban(`late-${i}`));
  await publisher.publish(more);
  await one.ready();

  await eventually(() => one.status().entries === 30_500, { withinMs: 3000 });
  expect(one.check({ sub: 'account-29999' }).state).toBe('revoked');
});

test('disposing ends the mirror, also when it never found a Redis', async () => {
  const one = createMirror({ source: redisSource({ url: 'redis://127.0.0.1:1' }), app: 'forum', instance: '1' });
  const ready = one.ready().catch((error: Error) => error.message);

  await one[Symbol.asyncDispose]();

  expect(await ready).toContain('disposed');
  expect(one.check({ sub: 'alice' }).state).toBe('unknown');
});
