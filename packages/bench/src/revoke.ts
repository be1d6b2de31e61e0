import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createPublisher, type Revocation } from '@portcullis/revocation';
import { startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import type { RevokeOptions } from './options.ts';
import type { Capacity } from './revoke-capacity.ts';
import { monotonicMs, peerChannel, subjectOf } from './revoke-orders.ts';
import { startFleetProcess, type FleetProcess } from './revoke-process.ts';
import { readReceipts } from './revoke-receipts.ts';
import { percentile } from './statistics.ts';

export type Spread = { p50: number; p99: number; max: number };
export type RevokeResult = {
  mirrors: number;
  processes: number;
  revocations: number;
  pace_per_second: number;
  /** From the call of `publish` until the mirror's check says revoked, over all mirrors and revocations. */
  refused_ms: Spread;
  /** As the receipts say: from publication to acknowledgement by the clock of Redis. */
  receipt_ms: Spread;
  /** Checks that said clear in a mirror after its receipt was read. */
  accepted_after_receipt: number;
  /** Mirror × revocation without refusal or without receipt at the end. */
  missing: number;
  /** From the call of `publish` until a bare ioredis subscriber has parsed the same message. */
  peer_ms: Spread;
  /** p99 of the peer by ours: above 1 is in our favour. */
  ratio: number;
  capacity: Capacity;
};

const MIRRORS_PER_PROCESS = 25;
const MOST_PROCESSES = 8;
/** Not counted: until the engines have compiled what is hot. */
const WARM_UP = 30;

/** Revocations one by one, as administrators make them, to many mirrors in several processes of one machine. */
export async function benchRevoke(options: RevokeOptions, progress: (line: string) => void): Promise<RevokeResult> {
  const figures = await spread(options, progress);
  progress(`one mirror of ${options.entries} entries`);
  return { ...figures, capacity: await capacity(options.entries) };
}

async function spread(
  { mirrors, revocations, pace }: RevokeOptions,
  progress: (line: string) => void,
): Promise<Omit<RevokeResult, 'capacity'>> {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedis());
  const client = started.adopt(new Redis(redis.url), (it) => it.disconnect());
  const reader = started.adopt(new Redis(redis.url), (it) => it.disconnect());
  const publisher = createPublisher(client);
  await publisher.rebuild([], 0);
  started.use(keepConfirming(reader));
  const count = Math.min(MOST_PROCESSES, Math.ceil(mirrors / MIRRORS_PER_PROCESS));
  progress(`starting ${mirrors} mirrors and as many bare subscribers in ${count} processes`);
  const all = revocations + WARM_UP;
  const fleet: { process: FleetProcess; mirrors: number }[] = [];
  for (let i = 0; i < count; i += 1) {
    const share = Math.floor((mirrors * (i + 1)) / count) - Math.floor((mirrors * i) / count);
    fleet.push({ process: started.use(startFleetProcess()), mirrors: share });
  }
  const start = { step: 'start', redisUrl: redis.url, revocations: all } as const;
  await Promise.all(fleet.map((one, i) => one.process.ask({ ...start, name: String(i), mirrors: one.mirrors })));
  const receipts = readReceipts(reader, fleet);

  const publishedAt: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  let due = monotonicMs();
  for (let i = 0; i < all; i += 1) {
    const entry = revocation(i);
    publishedAt.ours.push(await turn());
    await publisher.publish([entry]);
    receipts.follow(entry, i);
    publishedAt.peer.push(await turn());
    await client.publish(peerChannel, JSON.stringify([entry]));
    if ((i + 1) % (10 * pace) === 0) progress(`${i + 1} of ${all} revocations`);
  }
  const { afterMs, accepted, without } = await receipts.end();

  const collected = await Promise.all(fleet.map(({ process }) => process.ask({ step: 'collect' })));
  const since = (times: number[][], published: number[]) =>
    times.flatMap((own) => own.flatMap((at, i) => (i >= WARM_UP && at > 0 ? [at - (published[i] ?? 0)] : [])));
  const refused = collected.flatMap(({ refusedAt = [] }) => since(refusedAt, publishedAt.ours));
  const heard = collected.flatMap(({ heardAt = [] }) => since(heardAt, publishedAt.peer));
  const [refused_ms, peer_ms] = [spreadOf(refused), spreadOf(heard)];
  return {
    mirrors,
    processes: count,
    revocations,
    pace_per_second: pace,
    refused_ms,
    receipt_ms: spreadOf(afterMs.flatMap(({ number, ms }) => (number >= WARM_UP ? [ms] : []))),
    accepted_after_receipt: accepted,
    missing: without.filter((number) => number >= WARM_UP).length + mirrors * revocations - refused.length,
    peer_ms,
    ratio: peer_ms.p99 / refused_ms.p99,
  };

  /** Ours and the peer's in turn, evenly; what came late is not made up for by haste. */
  async function turn(): Promise<number> {
    await pause(Math.max(0, due - monotonicMs()));
    const now = monotonicMs();
    due = Math.max(due, now) + 500 / pace;
    return now;
  }
}

async function capacity(entries: number): Promise<Capacity> {
  await using redis = await startRedis();
  await using one = startFleetProcess();
  const client = new Redis(redis.url);
  using _node = keepConfirming(client);
  const before = Math.floor(Date.now() / 1000) - 60;
  const list = Array.from({ length: entries }, (_, i) => ({
    ...revocation(i),
    target: { kind: 'account' as const, sub: `account-${i}` },
    issuedBefore: before,
    expiresAt: before + 86_400,
  }));
  await createPublisher(client).rebuild(list, entries);
  const { capacity: measured } = await one.ask({ step: 'capacity', redisUrl: redis.url, entries });
  client.disconnect();
  if (!measured) throw new Error('nothing was measured');
  return measured;
}

/** What a node of the identity provider does every second; mirrors that a crowded machine held up wait for it. */
function keepConfirming(redis: Redis): Disposable {
  const { time, confirm } = createPublisher(redis);
  const timer = setInterval(
    () =>
      void time()
        .then(confirm)
        .catch(() => {}),
    1000,
  );
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function revocation(number: number): Revocation {
  return {
    id: randomUUID(),
    seq: number + 1,
    target: { kind: 'account', sub: subjectOf(number) },
    issuedBefore: null,
    cause: 'ban',
    recordedAt: Date.now(),
    expiresAt: null,
  };
}

function spreadOf(values: number[]): Spread {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) };
}
