import { eventually } from '@portcullis/testing';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { keys } from './keys.ts';
import { ban, bench, revocation, sequence } from './test-bench.ts';

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
  const now = Math.floor(Date.now() / 1000);
  const lifted = { ...banned, seq: banned.seq + 1, issuedBefore: now - 10, expiresAt: now + 300 };

  await publisher.publish([lifted]);
  await publisher.publish([banned]);
  const fresh = mirror();
  await fresh.ready();
  await eventually(() => old.status().seq === lifted.seq);

  for (const each of [old, fresh]) {
    expect(each.check({ sub: 'mallory', iat: now }).state).toBe('clear');
    expect(each.check({ sub: 'mallory', iat: now - 10 }).state).toBe('revoked');
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

test('F-05 F-08 what hung is not believed until a node has confirmed that it has what was acknowledged meanwhile', async () => {
  const { server, publisher, mirror } = await bench(4000);
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();

  server.pause();
  await eventually(() => one.status().state === 'closed');
  server.resume();
  const before = await publisher.time();
  await publisher.confirm(before - 60_000);
  const believed = eventually(() => one.status().state === 'fresh', { withinMs: 2500 }).catch(() => false);
  expect(await believed).toBe(false);

  await publisher.publish([ban('mallory')]);
  await publisher.confirm(await publisher.time());
  await eventually(() => one.status().state === 'fresh');
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');
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

// Where the machine itself is held up, Redis may really have been silent for too long: then once more.
test('a process that was held up keeps its connections: the answers are there, only late', { retry: 3 }, async () => {
  const { server, redis, publisher, mirror } = await bench(10_000);
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  const connections = async () => (await mirrorsOf(redis)).join();
  const before = await connections();

  server.pause();
  while (one.status().ageMs < 1100) await new Promise(setImmediate); // a read is on its way
  server.resume();
  await new Promise(setImmediate); // where requests are served: timers come next, only then what the sockets hold
  const until = performance.now() + 1500;
  while (performance.now() < until) Math.sqrt(until);

  await publisher.confirm(await publisher.time());
  await eventually(() => one.status().ageMs < 500);
  expect(await connections()).toBe(before);
});

test('F-05 connections that stay silent are renewed', async () => {
  const { server, redis, publisher, mirror } = await bench(10_000);
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  const before = await mirrorsOf(redis);

  server.pause();
  await eventually(() => one.status().ageMs > 6000, { withinMs: 8000 });
  server.resume();

  const renewed = eventually(async () => {
    const after = await mirrorsOf(redis);
    return after.length === 2 && after.every((id) => !before.includes(id));
  });
  expect(await renewed).toBe(true);
});

/** Ids of the connections of mirrors. */
async function mirrorsOf(redis: Redis): Promise<string[]> {
  const list = String(await redis.client('LIST'));
  return [...list.matchAll(/^id=(\d+) .*name=portcullis-mirror/gm)].map(([, id = '']) => id).toSorted();
}
