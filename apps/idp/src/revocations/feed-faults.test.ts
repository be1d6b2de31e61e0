import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { layCable, type Cable } from './test/feed-cable.ts';
import { expectSoon, startFeedHouse, type FeedHouse } from './test/feed-house.ts';

let house: FeedHouse;
/** A node that does not mind by what name it is called. */
let bare: string;
beforeAll(async () => {
  house = await startFeedHouse();
  bare = await house.idp.node({ bare: true });
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

beforeEach(async () => {
  await eventually(async () => (await house.idp.memory.ping()) === 'PONG');
});

async function cable(target: string): Promise<Cable> {
  const laid = await layCable(target);
  onTestFinished(() => laid[Symbol.dispose]());
  return laid;
}

test('F-03: while Redis is away the feed goes on: bans and lifts are known within two seconds, and all is numbered when it is back', async () => {
  const mirror = house.mirror();
  await mirror.ready();
  const before = await house.ban();
  await expectSoon(() => mirror.is(before) === 'revoked');
  await house.idp.redis.kill();
  try {
    const during = await house.ban();
    await expectSoon(() => mirror.is(during) === 'revoked', { withinMs: 2000 });
    await house.lift(before);
    await house.lift(during);
    await expectSoon(() => mirror.is(before) === 'clear' && mirror.is(during) === 'clear', { withinMs: 2000 });
    expect(mirror.is(during, Math.floor(Date.now() / 1000) - 120)).toBe('revoked');
    expect(mirror.status().state).toBe('fresh');

    const newcomer = house.mirror();
    await newcomer.ready();
    expect(newcomer.is(during, Math.floor(Date.now() / 1000) - 120)).toBe('revoked');
    expect(newcomer.is(randomUUID())).toBe('clear');
  } finally {
    await house.idp.redis.restart();
  }
  const epoch = mirror.status().epoch;
  await expectSoon(() => mirror.status().epoch !== epoch, { withinMs: 10_000 });
  const after = await house.ban();
  await expectSoon(() => mirror.is(after) === 'revoked');
  expect(mirror.is(before, Math.floor(Date.now() / 1000) - 120)).toBe('revoked');
  await eventually(async () => (await house.idp.sql('select from revocation where published_at is null')).length === 0);
}, 40_000);

test('F-05: while Redis hangs the feed goes on', async () => {
  const mirror = house.mirror();
  await mirror.ready();
  house.idp.redis.pause();
  try {
    const during = await house.ban();
    await expectSoon(() => mirror.is(during) === 'revoked', { withinMs: 3000 });
    expect(mirror.is(randomUUID())).toBe('clear');
  } finally {
    house.idp.redis.resume();
  }
});

test('F-10: a node that cannot read the ledger proves nothing: unknown, never clear, and right again when it can', async () => {
  const wire = await cable(house.idp.database.url);
  const node = await house.idp.node({ bare: true, databaseUrl: wire.url });
  const road = await cable(node);
  const mirror = house.mirror({ fetch: road.fetch, maxStalenessMs: 2000 });
  await mirror.ready();
  const known = await house.ban();
  await expectSoon(() => mirror.is(known) === 'revoked');
  for (const fail of [() => wire.cut(), () => wire.freeze()]) {
    fail();
    await expectSoon(() => mirror.is(randomUUID()) === 'unknown');
    const during = await house.ban(); // by another node
    expect([mirror.is(known), mirror.is(during)]).not.toContain('clear');
    wire.mend();
    wire.thaw();
    await expectSoon(() => mirror.is(during) === 'revoked' && mirror.is(randomUUID()) === 'clear', {
      withinMs: 10_000,
    });
  }
}, 40_000);

test('a node that stops ends its streams at once and in order; nobody waits for them', async () => {
  const own = await startFeedHouse();
  const stream = await own.open();
  await stream.said('proof');
  const began = performance.now();
  const [said] = await Promise.all([stream.said('nothing'), own.idp[Symbol.asyncDispose]()]);
  await own[Symbol.asyncDispose]();
  expect(said).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(5000);
}, 60_000);

test('a mirror on the feed and a mirror on Redis agree, whatever happens in whatever order, roads cut or not', async () => {
  const wire = await cable(bare);
  const pair = [house.mirror({ fetch: wire.fetch }), house.mirror('redis')] as const;
  await Promise.all(pair.map((mirror) => mirror.ready()));
  const people = Array.from({ length: 4 }, () => randomUUID());
  const sub = fc.constantFrom(...people);
  const act = fc.oneof(
    { weight: 4, arbitrary: sub.map((who) => ({ what: 'ban', run: () => house.ban(who) })) },
    { weight: 4, arbitrary: sub.map((who) => ({ what: 'lift', run: () => house.lift(who) })) },
    {
      weight: 2,
      arbitrary: sub.map((who) => ({
        what: 'session',
        run: () => house.revoke({ kind: 'session', sid: `of-${who}` }, 'sign_out'),
      })),
    },
    { weight: 1, arbitrary: fc.constant({ what: 'cut', run: async () => wire.cut() }) },
    { weight: 2, arbitrary: fc.constant({ what: 'mend', run: async () => wire.mend() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 15 }), async (acts) => {
      for (const { run } of acts) await run();
      wire.mend();
      const last = await house.ban();
      await expectSoon(() => pair.every((mirror) => mirror.is(last) === 'revoked'));
      for (const mirror of pair) await expectSoon(() => mirror.status().seq >= pair[1].status().seq);
      const now = Math.floor(Date.now() / 1000);
      const verdicts = pair.map((mirror) =>
        people.flatMap((who) => [
          mirror.is(who, now),
          mirror.is(who, now - 120),
          mirror.check({ sub: randomUUID(), sid: `of-${who}.part`, iat: now }).state,
        ]),
      );
      expect(verdicts[0]).toEqual(verdicts[1]);
    }),
    { numRuns: 12 },
  );
}, 120_000);

test('a cold start with 10,000 entries is complete within seconds', async () => {
  const byRedis = house.mirror('redis');
  await byRedis.ready();
  await house.idp.sql(
    `insert into revocation (id, target, cause, recorded_at)
     select gen_random_uuid(), jsonb_build_object('kind', 'account', 'sub', 'cold-' || n), 'ban', now()
     from generate_series(1, 10000) n`,
  );
  const running = house.mirror();
  await running.ready();
  await house.ban();
  await expectSoon(() => byRedis.status().entries >= 10_000, { withinMs: 15_000 });
  expect(byRedis.is('cold-1')).toBe('revoked');

  expect(running.status().state).toBe('fresh');

  const began = performance.now();
  const mirror = house.mirror();
  await mirror.ready();
  expect(performance.now() - began).toBeLessThan(5000);
  for (const at of [running, mirror]) await expectSoon(() => at.status().entries >= 10_000, { withinMs: 10_000 });
  expect([1, 5000, 10_000].map((n) => mirror.is(`cold-${n}`))).toEqual(['revoked', 'revoked', 'revoked']);
}, 60_000);
