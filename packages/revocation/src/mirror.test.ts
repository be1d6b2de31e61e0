import { eventually } from '@portcullis/testing';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { keys } from './keys.ts';
import { registerMirrorMetrics } from './metrics.ts';
import { createMirror } from './mirror.ts';
import { redisSource } from './redis-source.ts';
import { ban, bench, revocation, sequence } from './test-bench.ts';

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

test('disposing ends the mirror, also when it never found a Redis', async () => {
  const one = createMirror({ source: redisSource({ url: 'redis://127.0.0.1:1' }), app: 'forum', instance: '1' });
  const ready = one.ready().catch((error: Error) => error.message);

  await one[Symbol.asyncDispose]();

  expect(await ready).toContain('disposed');
  expect(one.check({ sub: 'alice' }).state).toBe('unknown');
});

test('F-08 past its bound a mirror allows reads where the application opted for it, for as long as that said, then nothing', async () => {
  const { server, publisher, mirror } = await bench(1200, { allow: 'reads', forMs: 1500 });
  await publisher.rebuild([ban('mallory')], sequence);
  const one = mirror();
  expect(one.check({ sub: 'alice' })).toEqual({ state: 'unknown', readsAllowed: false });
  await one.ready();

  server.pause();
  await eventually(() => one.status().state === 'stale');
  expect(one.check({ sub: 'alice' })).toEqual({ state: 'unknown', readsAllowed: true });
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');
  expect(one.status().ageMs).toBeGreaterThan(1200);
  expect(one.status().whenStale).toEqual({ allow: 'reads', forMs: 1500 });

  await eventually(() => one.status().state === 'closed');
  expect(one.status().ageMs).toBeGreaterThan(2700);
  expect(one.check({ sub: 'alice' })).toEqual({ state: 'unknown', readsAllowed: false });
  expect(one.check({ sub: 'mallory' }).state).toBe('revoked');

  server.resume();
  await publisher.confirm(await publisher.time());
  await eventually(() => one.status().state === 'fresh');
  expect(one.check({ sub: 'alice' }).state).toBe('clear');
});

test('what an application adds is enforced by this copy alone, and outlives every snapshot that does not know it', async () => {
  const { publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const [one, other] = [mirror(), mirror()];
  await Promise.all([one.ready(), other.ready()]);

  one.add(revocation({ target: { kind: 'session', sid: 'sso' } }));
  expect(one.check({ sub: 'alice', sid: 'sso.forum' }).state).toBe('revoked');
  expect(one.status().entries).toBe(1);
  expect(other.check({ sub: 'alice', sid: 'sso.forum' }).state).toBe('clear');

  const before = one.status().epoch;
  await publisher.rebuild([], sequence);
  await eventually(() => one.status().epoch !== before && one.status().state === 'fresh');
  expect(one.check({ sub: 'alice', sid: 'sso.forum' }).state).toBe('revoked');
});

test('word of new signing keys reaches every listener in order with the revocations, and after whatever may have hidden it', async () => {
  const { redis, publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  let heard = 0;
  const stop = one.onKeysChanged(() => void (heard += 1));

  await publisher.keysChanged();
  await eventually(() => heard === 1, { withinMs: 500 });
  await publisher.publish([ban('mallory')]);
  await eventually(() => one.check({ sub: 'mallory' }).state === 'revoked', { withinMs: 500 });

  await publisher.rebuild([ban('mallory')], sequence);
  await eventually(() => heard === 2);

  stop();
  await publisher.keysChanged();
  const position = (await redis.xrevrange(keys.stream, '+', '-', 'COUNT', 1))[0]?.[1];
  expect(position).toEqual(['keys', 'changed']);
  const { seq } = ban('trudy');
  await publisher.publish([ban('trudy', { seq: seq + 1 })]);
  await eventually(() => one.check({ sub: 'trudy' }).state === 'revoked');
  expect(heard).toBe(2);
});

test('a mirror knows how long the newest revocation took, heard or found', async () => {
  const { redis, publisher, mirror } = await bench();
  await publisher.rebuild([], 0);
  const one = mirror();
  await one.ready();
  expect(one.status().lagMs).toBeNull();

  const publishing = performance.now();
  await publisher.publish([ban('mallory')]);
  const heard = await eventually(() => one.check({ sub: 'mallory' }).state === 'revoked' && performance.now());
  await eventually(() => one.status().lagMs !== null);
  expect(one.status().lagMs).toBeLessThan(Number(heard) - publishing + 20); // and not until the read that told, later

  const adding = performance.now();
  const lost = ban('trudy');
  await redis.xadd(keys.stream, '*', 'entry', JSON.stringify(lost));
  await eventually(() => one.check({ sub: 'trudy' }).state === 'revoked');
  expect(one.status().lagMs).toBeLessThan(performance.now() - adding + 20);
});

test('entries, age, lag, state and every verdict are metrics', async () => {
  const { publisher, mirror } = await bench();
  await publisher.rebuild([ban('mallory')], sequence);
  const one = mirror();
  const registry = new Registry();
  registerMirrorMetrics(one, registry);
  one.check({ sub: 'alice' });
  expect(await registry.metrics()).toContain('portcullis_mirror_state{state="starting"} 1');
  await one.ready();
  one.check({ sub: 'alice' });
  one.check({ sub: 'mallory' });
  one.check({ sub: 'mallory' });

  const metrics = await registry.metrics();

  expect(metrics).toContain('portcullis_mirror_entries 1\n');
  expect(metrics).toMatch(/portcullis_mirror_age_seconds 0\.\d+\n/);
  expect(metrics).toMatch(/portcullis_mirror_lag_seconds 0\n/);
  expect(metrics).toContain('portcullis_mirror_state{state="fresh"} 1\n');
  expect(metrics).toContain('portcullis_mirror_state{state="starting"} 0\n');
  expect(metrics).toContain('portcullis_mirror_checks_total{verdict="clear"} 1\n');
  expect(metrics).toContain('portcullis_mirror_checks_total{verdict="revoked"} 2\n');
  expect(metrics).toContain('portcullis_mirror_checks_total{verdict="unknown"} 1\n');
  expect(await registry.metrics()).toContain('portcullis_mirror_checks_total{verdict="revoked"} 2\n');
});
