import { randomUUID } from 'node:crypto';
import type { Publisher } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerEntry } from './entity.ts';
import { epochNow, startCluster, type Cluster } from './test/cluster.ts';
import { crowding } from './test/crowding.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const accountEntry = (sub: string, issuedBefore: Date | null = null) =>
  ({ target: { kind: 'account', sub }, cause: 'ban', issuedBefore, actor: null }) as const;

/** 0.4 s and what a machine full of tests adds; who waits for Redis takes 2 s at least. */
const answeredMs = 1500;

const waiting = async () => (await cluster.pool.query('select 1 from revocation where published_at is null')).rowCount;

test('an entry and its audit event are one transaction, and a verifier knows them when the call returns', async () => {
  const mirror = await freshMirror();
  const sub = randomUUID();

  expect(await cluster.node().ledger.recordNow({ ...accountEntry(sub), detail: { why: 'test' } })).toBe('published');

  await eventually(() => mirror.refuses({ sub, iat: epochNow() }));
  const { rows } = await cluster.pool.query(
    `select a.action, a.account_id, a.detail->>'why' as why, r.published_at is not null as published
     from audit_event a join revocation r on r.id::text = a.detail->>'revocation' where a.account_id = $1`,
    [sub],
  );
  expect(rows).toEqual([{ action: 'revocation.ban', account_id: sub, why: 'test', published: true }]);
});

test('R-56: issuedBefore is rounded up, so tokens of the very second of the act are dead; the next second lives', async () => {
  const sub = randomUUID();
  const at = new Date('2030-01-01T00:00:10.400Z');
  const second = at.getTime() / 1000 - 0.4;
  await cluster.node({ now: () => at }).ledger.recordNow(accountEntry(sub, at));

  const mirror = await cluster.mirror();
  expect([0, 1, 2].map((later) => mirror.refuses({ sub, iat: second + later }))).toEqual([true, true, false]);
  const entry = await cluster.em().findOneOrFail(LedgerEntry, { target: { kind: 'account', sub } });
  expect(entry.expiresAt?.getTime()).toBe((second + 1 + 300 + 60) * 1000);
});

test('R-56: entries OR together: a weaker one never shadows a stronger one, in whatever order they come', async () => {
  const { ledger } = cluster.node();
  const [early, late] = [new Date(Date.now() - 60_000), new Date()];
  const [first, second, both] = [randomUUID(), randomUUID(), randomUUID()];
  await ledger.recordNow(accountEntry(first, late));
  await ledger.recordNow(accountEntry(first, early));
  await ledger.recordNow(accountEntry(second, null));
  await ledger.recordNow(accountEntry(second, early));
  await ledger.recordNow({
    ...accountEntry(both, early),
    target: { kind: 'account-at-client', sub: both, clientId: 'a' },
  });
  await ledger.recordNow({ ...accountEntry(both, early), target: { kind: 'session', sid: 'of-both' } });

  const mirror = await cluster.mirror();
  const iat = epochNow() - 10;
  expect(mirror.refuses({ sub: first, iat })).toBe(true);
  expect(mirror.refuses({ sub: second, iat: iat + 3600 })).toBe(true);
  expect(mirror.refuses({ sub: both, client_id: 'a', iat: iat - 100 })).toBe(true);
  expect(mirror.refuses({ sub: both, client_id: 'b', sid: 'of-both.b', iat: iat - 100 })).toBe(true);
  expect(mirror.refuses({ sub: both, client_id: 'b', sid: 'other.b', iat: iat - 100 })).toBe(false);
});

test('F-04: after FLUSHALL the reconciler puts every acknowledged revocation back', async () => {
  const { ledger, reconciler } = cluster.node();
  await using _running = reconciler();
  const subs = Array.from({ length: 200 }, () => randomUUID());
  await Promise.all(subs.map((sub) => ledger.recordNow(accountEntry(sub))));

  await cluster.direct.flushall();

  const mirror = await cluster.mirror(); // is not ready before the denylist is
  expect(subs.filter((sub) => !mirror.refuses({ sub, iat: epochNow() }))).toEqual([]);
});

test('F-06: when a fail-over lost the last writes, they are put back within 5 s', async () => {
  const { ledger, reconciler } = cluster.node();
  await ledger.recordNow(accountEntry(randomUUID()));
  const before = await contents();
  const subs = Array.from({ length: 20 }, () => randomUUID());
  for (const sub of subs) await ledger.recordNow(accountEntry(sub));

  await restore(before);
  await using _running = reconciler();

  await eventually(async () => (await cluster.direct.hlen('{portcullis:denylist}:entries')) >= subs.length, {
    withinMs: 5000,
  });
  const mirror = await freshMirror();
  const allRefused = () => subs.every((sub) => mirror.refuses({ sub, iat: epochNow() }));
  expect(await eventually(allRefused, { withinMs: 5000 })).toBe(true);
});

test('F-06: writes lost in a fail-over are found even when a later publication has covered the gap', async () => {
  const { ledger } = cluster.node();
  await ledger.recordNow(accountEntry(randomUUID()));
  const before = await contents();
  const lost = randomUUID();
  await ledger.recordNow(accountEntry(lost));
  await restore(before);

  await ledger.recordNow(accountEntry(randomUUID())); // without a reconciler having looked in between

  const mirror = await cluster.mirror();
  expect(mirror.refuses({ sub: lost, iat: epochNow() })).toBe(true);
});

test('a node dies between commit and publication: the reconciler of another node publishes', async () => {
  const dying = cluster.node();
  const sub = randomUUID();
  const em = cluster.em();
  await dying.ledger.record(em, accountEntry(sub));
  await em.flush(); // and no more: the process is gone

  await using _running = cluster.node().reconciler();

  const mirror = await freshMirror();
  const isRefused = () => mirror.refuses({ sub, iat: epochNow() });
  expect(await eventually(isRefused, { withinMs: 5000 })).toBe(true);
});

test('a node dies between Redis and its mark: the entry is published again, under a higher number', async () => {
  const dying = cluster.node({
    disturb: (publisher) => ({
      ...publisher,
      publish: async (entries) => {
        await publisher.publish(entries);
        throw new Error('died');
      },
    }),
  });
  const sub = randomUUID();
  expect(await dying.ledger.recordNow(accountEntry(sub))).toBe('pending');
  const [first] = await streamed(sub);

  expect(await cluster.node().ledger.publish()).toBe('published');

  const seqs = (await cluster.em().find(LedgerEntry, { target: { kind: 'account', sub } })).map(({ seq }) => seq);
  expect(seqs).toEqual([expect.any(Number)]);
  expect(seqs[0]).toBeGreaterThan(first ?? Infinity);
  expect((await cluster.mirror()).refuses({ sub, iat: epochNow() })).toBe(true);
});

test('a transaction that commits late is published after those that overtook it, and nobody misses it', async () => {
  const { ledger } = cluster.node();
  const mirror = await freshMirror();
  const [slow, quick] = [randomUUID(), randomUUID()];
  const em = cluster.em();
  await em.begin();
  await ledger.record(em, accountEntry(slow));
  await em.flush();
  await ledger.recordNow(accountEntry(quick));
  await eventually(() => mirror.refuses({ sub: quick, iat: epochNow() }));
  expect(mirror.refuses({ sub: slow, iat: epochNow() })).toBe(false);

  await em.commit();
  await ledger.publish();

  await eventually(() => mirror.refuses({ sub: slow, iat: epochNow() }));
  const [slowSeq, quickSeq] = [(await streamed(slow))[0], (await streamed(quick))[0]];
  expect(slowSeq).toBeGreaterThan(quickSeq ?? Infinity);
});

test('a publication under way does not vouch for what was committed after it had read', async () => {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { ledger } = cluster.node({
    disturb: (publisher) => ({
      ...publisher,
      publish: async (entries) => {
        reached.resolve();
        await goOn.promise;
        await publisher.publish(entries);
      },
    }),
  });
  const [first, second] = [randomUUID(), randomUUID()];
  const publishing = ledger.recordNow(accountEntry(first));
  await reached.promise;
  const em = cluster.em();
  await ledger.record(em, accountEntry(second));
  await em.flush();
  const following = ledger.publish();
  goOn.resolve();

  expect(await Promise.all([publishing, following])).toEqual(['published', 'published']);
  expect(await streamed(second)).toHaveLength(1);
});

test('ten nodes that publish and reconcile at once give every entry one number', async () => {
  const nodes = Array.from({ length: 10 }, () => cluster.node());
  const subs = nodes.flatMap(() => Array.from({ length: 10 }, () => randomUUID()));

  const record = async (sub: string, i: number) => nodes[i % nodes.length]?.ledger.recordNow(accountEntry(sub));
  await Promise.all(subs.map(record));
  await Promise.all(nodes.map(({ ledger }) => ledger.reconcile()));

  expect(await waiting()).toBe(0);
  const published = await Promise.all(subs.map(streamed));
  expect(published.filter((seqs) => seqs.length !== 1)).toEqual([]);
});

test('PostgreSQL came back from a backup: numbers Redis has seen are not given again', async () => {
  const { ledger } = cluster.node();
  await ledger.recordNow(accountEntry(randomUUID()));
  await cluster.direct.set('{portcullis:denylist}:seq', 1_000_000);
  const sub = randomUUID();

  await ledger.recordNow(accountEntry(sub));

  const entry = await cluster.em().findOneOrFail(LedgerEntry, { target: { kind: 'account', sub } });
  expect(entry.seq).toBeGreaterThan(1_000_000);
  await ledger.reconcile();
  expect(ledger.status()).toMatchObject({ state: 'in_step', waiting: 0 });
});

test('F-03: with Redis down the act is committed, answered as pending at once, and published when Redis is back', async () => {
  const node = cluster.node({ answerWithinMs: 400 });
  await node.ledger.reconcile();
  await cluster.redis.kill();
  const sub = randomUUID();

  const started = performance.now();
  expect(await node.ledger.recordNow(accountEntry(sub))).toBe('pending');
  expect(performance.now() - started).toBeLessThan(answeredMs);
  expect(await waiting()).toBe(1);
  await node.ledger.reconcile();
  expect(node.ledger.status().state).toBe('behind');
  expect(node.warnings).toHaveLength(new Set(node.warnings).size); // once, not once a turn

  await cluster.redis.restart();
  await using _running = node.reconciler();
  const mirror = await cluster.mirror();
  await eventually(() => mirror.refuses({ sub, iat: epochNow() }), { withinMs: 5000 });
  await eventually(() => node.ledger.status().state === 'in_step');
});

test('F-05: with Redis hanging the answer does not wait for it', async () => {
  const node = cluster.node({ answerWithinMs: 400 });
  await node.ledger.reconcile();
  const sub = randomUUID();
  cluster.redis.pause();
  try {
    const started = performance.now();
    expect(await node.ledger.recordNow(accountEntry(sub))).toBe('pending');
    expect(performance.now() - started).toBeLessThan(answeredMs);
  } finally {
    cluster.redis.resume();
  }
  await eventually(async () => (await node.ledger.publish()) === 'published');
  expect((await freshMirror()).refuses({ sub, iat: epochNow() })).toBe(true);
});

test(
  'F-04: 100,000 live entries are back in an emptied Redis within 5 s; expired ones are not',
  { timeout: 120_000 },
  async () => {
    const em = cluster.em();
    await em.execute(`
    insert into revocation (id, target, cause, issued_before, recorded_at, expires_at, published_at, seq)
    select gen_random_uuid(), jsonb_build_object('kind', 'account', 'sub', gen_random_uuid()), 'ban', null, now(),
           case when n > 100000 then now() - interval '1 second' end, now(), nextval('revocation_publication')
    from generate_series(1, 110000) n`);
    const [live] = await em.execute<{ n: number }[]>(
      'select count(*)::int as n from revocation where expires_at is null or expires_at > now()',
    );
    await cluster.direct.flushall();

    const crowd = crowding();
    const started = performance.now();
    await cluster.node().ledger.reconcile();
    expect(performance.now() - started).toBeLessThan(5000 * Math.max(crowd, crowding()));

    expect(await cluster.direct.hlen('{portcullis:denylist}:entries')).toBe(live?.n);
  },
);

/** A new Redis position first, so that the mirror has something to load. */
async function freshMirror() {
  await cluster.node().ledger.reconcile();
  return cluster.mirror();
}

/** The numbers under which the account's entry went through the stream. */
async function streamed(sub: string): Promise<number[]> {
  const changes = await cluster.direct.xrange('{portcullis:denylist}:stream', '-', '+');
  const entries = changes
    .filter(([, [field]]) => field === 'entry')
    .map(([, [, json]]) => JSON.parse(json ?? '') as Parameters<Publisher['publish']>[0][number]);
  return entries.filter(({ target }) => 'sub' in target && target.sub === sub).map(({ seq }) => seq);
}

async function contents(): Promise<Map<string, Buffer>> {
  const keys = await cluster.direct.keys('*');
  const dumps = await Promise.all(keys.map(async (key) => [key, await cluster.direct.dumpBuffer(key)] as const));
  return new Map(dumps.flatMap(([key, dump]) => (dump ? [[key, dump]] : [])));
}

/** Redis as it stood then: what a replica that lagged has when it takes over. */
async function restore(then: Map<string, Buffer>): Promise<void> {
  await cluster.direct.flushall();
  for (const [key, dump] of then) await cluster.direct.restore(key, 0, dump);
}
