import { randomUUID } from 'node:crypto';
import { eventually, startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { Presence } from './acknowledgements.ts';
import { keys } from './keys.ts';
import { createMirror } from './mirror.ts';
import { createPublisher } from './publisher.ts';
import { createReceipts, type Receipt } from './receipts.ts';
import { redisSource } from './redis-source.ts';
import type { Revocation } from './revocation.ts';
import { sealScript } from './scripts.ts';

function ban(seq: number): Revocation {
  const target = { kind: 'account', sub: `account-${seq}` } as const;
  return { id: randomUUID(), seq, target, issuedBefore: null, cause: 'ban', recordedAt: Date.now(), expiresAt: null };
}

async function fleet() {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startRedis());
  const redis = opened.adopt(new Redis(server.url), (client) => client.disconnect());
  const publisher = createPublisher(redis);
  const receipts = createReceipts(redis);
  await publisher.rebuild([], 0);
  const owned = opened.move();
  onTestFinished(() => owned.disposeAsync());
  return { redis, publisher, receipts, start, as, presence, claim, states, enforcedBy };

  function start(instance: string, { app = 'shop', url = server.url } = {}) {
    const warnings: string[] = [];
    const warn = (_details: object, message: string) => void warnings.push(message);
    const log = { info: () => {}, warn, error: warn };
    const mirror = owned.use(createMirror({ source: redisSource({ url }), app, instance, log }));
    const refuses = ({ seq }: { seq: number }) => mirror.check({ sub: `account-${seq}` }).state === 'revoked';
    return { ...mirror, instance, warnings, refuses };
  }

  /** An address under which Redis allows only what the rules say. */
  async function as(...rules: string[]): Promise<string> {
    await redis.call('ACL', 'SETUSER', 'restricted', 'on', '>secret', '~*', ...rules);
    return server.url.replace('redis://', 'redis://restricted:secret@');
  }

  async function presence(instance: string): Promise<Presence> {
    return JSON.parse((await redis.hget(keys.mirrors, `shop|${instance}`)) ?? '') as Presence;
  }

  /** What a mirror would write that is not there. */
  function claim(instance: string, over: Partial<Presence>): Promise<number> {
    const now = Date.now();
    const made = { app: 'shop', instance, run: instance, since: now, epoch: null, seq: 0, state: 'fresh', at: now };
    return redis.hset(keys.mirrors, `shop|${instance}`, JSON.stringify({ ...made, ...over }));
  }

  async function states(...entries: Revocation[]): Promise<Record<string, Receipt['state']>> {
    return Object.fromEntries((await receipts.of(entries)).map(({ instance, state }) => [instance, state]));
  }

  async function enforcedBy(instance: string, ...entries: Revocation[]): Promise<Receipt> {
    const found = await eventually(async () => {
      const all = await receipts.of(entries);
      return all.find((receipt) => receipt.instance === instance && receipt.state === 'enforced');
    });
    if (!found) throw new Error('unreachable');
    return found;
  }
}

test('every mirror answers for itself, with the time from publication to acknowledgement by the clock of Redis', async () => {
  const { publisher, receipts, start, enforcedBy } = await fleet();
  const mirrors = [start('10'), start('2'), start('1', { app: 'forum' })];
  await Promise.all(mirrors.map((mirror) => mirror.ready()));
  await eventually(async () => (await receipts.of([])).length === 3);
  const entry = ban(1);

  await publisher.publish([entry]);
  for (const { instance } of mirrors) await enforcedBy(instance, entry);

  const all = await receipts.of([entry]);
  expect(all.map(({ app, instance }) => [app, instance])).toEqual([
    ['forum', '1'],
    ['shop', '2'],
    ['shop', '10'],
  ]);
  for (const { afterMs, lastSeenMs } of all) {
    expect(afterMs).toBeLessThan(500);
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect(lastSeenMs).toBeLessThan(5000);
  }
});

test('no receipt comes before the check of its mirror says revoked', async () => {
  const { publisher, receipts, start } = await fleet();
  const mirrors = ['1', '2', '3', '4'].map((instance) => start(instance));
  await Promise.all(mirrors.map((mirror) => mirror.ready()));
  for (let seq = 1; seq <= 40; seq += 1) {
    const entry = ban(seq);
    await publisher.publish([entry]);
    await eventually(async () => {
      const enforced = (await receipts.of([entry])).filter(({ state }) => state === 'enforced');
      for (const { instance } of enforced) {
        expect(mirrors.find((mirror) => mirror.instance === instance)?.refuses(entry)).toBe(true);
      }
      return enforced.length === mirrors.length;
    });
  }
});

test('a mirror that hears no wake-ups claims an entry only after its read has found it', async () => {
  const { publisher, start, as, states, enforcedBy } = await fleet();
  const url = await as('+@all', 'resetchannels');
  const [deaf, hearing] = [start('deaf', { url }), start('hearing')];
  await Promise.all([deaf.ready(), hearing.ready()]);
  await eventually(async () => (await states()).deaf === 'enforced');
  const entry = ban(1);

  await publisher.publish([entry]);

  await enforcedBy('hearing', entry);
  expect((await states(entry)).deaf).toBe('waiting');
  await eventually(async () => {
    const found = await states(entry);
    expect(found.deaf !== 'enforced' || deaf.refuses(entry)).toBe(true);
    return found.deaf === 'enforced';
  });
  expect((await enforcedBy('deaf', entry)).afterMs).toBeGreaterThan(0);
});

test('who heard a later entry does not answer for an earlier one that was missed', async () => {
  const { redis, publisher, start, states } = await fleet();
  const mirror = start('1');
  await mirror.ready();
  await eventually(async () => (await states())['1'] === 'enforced');
  const [missed, heard] = [ban(1), ban(2)];

  await redis.hset(keys.entries, missed.id, JSON.stringify(missed));
  await redis.xadd(keys.stream, '*', 'entry', JSON.stringify(missed));
  await redis.zadd(keys.published, Date.now(), missed.seq);
  await publisher.publish([heard]);

  const between = await eventually(async () => {
    const [ofHeard, ofMissed, ofBoth] = [await states(heard), await states(missed), await states(heard, missed)];
    expect(ofMissed['1'] !== 'enforced' || mirror.refuses(missed)).toBe(true);
    return ofHeard['1'] === 'enforced' && { ofMissed, ofBoth };
  });
  expect(between).toEqual({ ofMissed: { 1: 'waiting' }, ofBoth: { 1: 'waiting' } });
  await eventually(async () => (await states(heard, missed))['1'] === 'enforced');
  expect(mirror.refuses(missed)).toBe(true);
});

test('entries that a rebuild is still putting in place are claimed by nobody', async () => {
  const { redis, publisher, start, states, presence } = await fleet();
  await publisher.publish([ban(1)]);
  const mirror = start('1');
  await mirror.ready();
  const late = ban(2);
  const { promise: go, resolve: seal } = Promise.withResolvers<void>();
  const slow = redis.duplicate();
  onTestFinished(() => slow.disconnect());
  const halted = new Proxy(slow, {
    get: (client, name) =>
      name === 'eval'
        ? (script: string, ...args: [number]) =>
            (script === sealScript ? go : Promise.resolve()).then(() => client.eval(script, ...args))
        : Reflect.get(client, name),
  });

  const rebuilding = createPublisher(halted).rebuild([ban(1), late], 3);
  await eventually(() => redis.hexists(keys.entries, late.id));
  const { at } = await presence('1');
  await eventually(async () => (await presence('1')).at > at);
  expect(await states(late)).toEqual({ 1: 'waiting' });
  expect(mirror.refuses(late)).toBe(false);

  seal();
  await rebuilding;
  await eventually(async () => (await states(late))['1'] === 'enforced');
  expect(mirror.refuses(late)).toBe(true);
});

test('acknowledgements that were trimmed cost the time, never the state', async () => {
  const { redis, publisher, receipts, start, presence, enforcedBy } = await fleet();
  await start('1').ready();
  const entry = ban(1);
  await publisher.publish([entry]);
  expect((await enforcedBy('1', entry)).afterMs).not.toBeNull();
  await eventually(async () => (await presence('1')).seq === 1);

  await redis.xtrim(keys.acks, 'MAXLEN', 0);

  expect(await receipts.of([entry])).toMatchObject([{ state: 'enforced', afterMs: null }]);
});

test('what one run of a mirror acknowledged says nothing about the next, which answers once its own snapshot is loaded', async () => {
  const { redis, publisher, start, states, enforcedBy } = await fleet();
  const earlier = start('1');
  await earlier.ready();
  const entry = ban(1);
  await publisher.publish([entry]);
  await enforcedBy('1', entry);
  await earlier[Symbol.asyncDispose]();

  await redis.hset(keys.entries, 'unreadable', '{}');
  start('1');
  await eventually(async () => (await states(entry))['1'] === 'waiting');
  await redis.hdel(keys.entries, 'unreadable');

  expect((await enforcedBy('1', entry)).afterMs).toBeNull();
});

test('a rebuild takes no receipt back, and after FLUSHALL every mirror answers anew', async () => {
  const { redis, publisher, start, enforcedBy } = await fleet();
  const mirror = start('1');
  await mirror.ready();
  const entry = ban(1);
  await publisher.publish([entry]);
  const first = await enforcedBy('1', entry);

  await publisher.rebuild([entry], 2);
  const before = mirror.status().epoch;
  expect((await enforcedBy('1', entry)).afterMs).toBe(first.afterMs);
  await eventually(() => mirror.status().epoch !== before);
  expect((await enforcedBy('1', entry)).afterMs).toBe(first.afterMs);

  await redis.flushall();
  await publisher.rebuild([entry], 3);
  expect((await enforcedBy('1', entry)).afterMs).toBeNull();
});

test('a proof from another epoch does not count: a ledger that came back from a backup gives numbers again', async () => {
  const { publisher, states, claim } = await fleet();
  await claim('old', { epoch: 'before', seq: 7 });
  const again = ban(6);

  await publisher.rebuild([again], 6);

  expect(await states(again)).toEqual({ old: 'waiting' });
  await claim('new', { epoch: (await publisher.position())?.epoch ?? null, seq: 7 });
  expect(await states(again)).toEqual({ new: 'enforced', old: 'waiting' });
});

test('who is silent for more than 5 s is not seen, after 10 minutes forgotten; who ends in order leaves at once', async () => {
  const { redis, receipts, start, claim } = await fleet();
  const leaving = start('leaving');
  await leaving.ready();
  await eventually(async () => (await receipts.of([])).length === 1);
  await claim('silent', { at: Date.now() - 6000 });
  await claim('gone', { at: Date.now() - 11 * 60_000 });

  const found = await receipts.of([ban(1)]);
  expect(found.map(({ instance, state }) => [instance, state])).toEqual([
    ['leaving', 'waiting'],
    ['silent', 'not_seen'],
  ]);
  expect(found[1]?.lastSeenMs).toBeGreaterThanOrEqual(6000);
  await leaving[Symbol.asyncDispose]();
  expect(await redis.hkeys(keys.mirrors)).toEqual(['shop|silent']);
});

test('a mirror that may not write to Redis works as any other and complains of nothing, it only leaves no receipts', async () => {
  const { publisher, receipts, start, as } = await fleet();
  const mirror = start('1', { url: await as('+@all', '-@write', 'allchannels') });
  await mirror.ready();
  const entry = ban(1);

  await publisher.publish([entry]);
  await eventually(() => mirror.refuses(entry), { withinMs: 500 });
  await eventually(() => mirror.status().lagMs !== null);

  expect(await receipts.of([entry])).toEqual([]);
  expect(mirror.status().state).toBe('fresh');
  expect(mirror.warnings).toEqual([]);
});
