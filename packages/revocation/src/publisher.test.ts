import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { expect, test } from 'vitest';
import { keys } from './keys.ts';
import { ban, bench, sequence } from './test-bench.ts';

const nowSeconds = () => Math.floor(Date.now() / 1000);

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

test('F-04 word of new signing keys leaves an emptied Redis as empty as it is', async () => {
  const { redis, publisher } = await bench();

  await publisher.keysChanged();

  expect(await redis.dbsize()).toBe(0);
});
