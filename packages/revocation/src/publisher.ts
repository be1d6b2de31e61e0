import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { keys, streamLength } from './keys.ts';
import { inMs, transaction } from './replies.ts';
import { toRevocation, type Revocation } from './revocation.ts';
import { confirmScript, mergeScript, publishScript, sealScript } from './scripts.ts';

export type Publisher = ReturnType<typeof createPublisher>;

const batchSize = 500;

/** An entry the ledger does not name is removed at a rebuild only when it is older than any transaction that could still be committing it. */
const forgetAfterMs = 10 * 60_000;

/** The writing end of the denylist. Every call throws when Redis does not take it; the ledger then tries again. */
export function createPublisher(redis: Redis) {
  return { publish, rebuild, position, keysChanged, time, confirm };

  /** Snapshot, stream and wake-up in one step. Publishing an entry twice, or an older version of it, changes nothing. */
  async function publish(entries: Revocation[]): Promise<void> {
    for (const batch of batches(entries)) {
      await redis.eval(
        publishScript,
        6,
        keys.entries,
        keys.expiry,
        keys.seq,
        keys.stream,
        keys.wake,
        keys.published,
        streamLength,
        ...batch.flatMap(row),
      );
    }
  }

  /**
   * Makes Redis hold everything in `live` and starts a new epoch, whereupon every mirror loads the snapshot again.
   * What other nodes publish meanwhile stays. Mirrors see the new epoch only when all of it is in place.
   */
  async function rebuild(live: Revocation[], seq: number): Promise<void> {
    const building = keys.building(randomUUID());
    await redis.set(building, '1', 'EX', 60);
    const orphans = await orphansOf(new Set(live.map((entry) => entry.id)));
    for (const batch of batches(live)) {
      const held = await redis.eval(
        mergeScript,
        4,
        keys.entries,
        keys.expiry,
        keys.seq,
        building,
        ...batch.flatMap(row),
      );
      if (held !== 1) throw new Error('Redis was emptied while the denylist was being rebuilt');
    }
    const sealed = await redis.eval(
      sealScript,
      8,
      keys.entries,
      keys.expiry,
      keys.seq,
      building,
      keys.epoch,
      keys.stream,
      keys.wake,
      keys.confirmed,
      randomUUID(),
      seq,
      ...orphans,
    );
    if (sealed !== 1) throw new Error('Redis was emptied while the denylist was being rebuilt');
  }

  /** What Redis holds now; null when it was emptied or never filled, so that it must be rebuilt. */
  async function position(): Promise<{ epoch: string; seq: number; entries: number } | null> {
    const [epoch, seq, entries] = await transaction<[string | null, string | null, number]>(
      redis.multi().get(keys.epoch).get(keys.seq).hlen(keys.entries),
    );
    return epoch === null ? null : { epoch, seq: Number(seq ?? 0), entries };
  }

  /** Every verifier that follows loads the issuer's signing keys anew. An emptied Redis takes no note: it has no followers. */
  async function keysChanged(): Promise<void> {
    await transaction(
      redis
        .multi()
        .xadd(keys.stream, 'NOMKSTREAM', 'MAXLEN', '~', streamLength, '*', 'keys', 'changed')
        .publish(keys.wake, '[]'),
    );
  }

  /** Redis' clock, in ms. */
  async function time(): Promise<number> {
    const [seconds, microseconds] = await redis.time();
    return inMs([String(seconds), String(microseconds)]);
  }

  /** Says to the mirrors that whatever had been acknowledged at `at` (of `time`) is in Redis. */
  async function confirm(at: number): Promise<void> {
    await redis.eval(confirmScript, 1, keys.confirmed, Math.floor(at));
  }

  async function orphansOf(known: Set<string>): Promise<string[]> {
    const before = Date.now() - forgetAfterMs;
    const orphans: string[] = [];
    let cursor = '0';
    do {
      const [next, fields] = await redis.hscan(keys.entries, cursor, 'COUNT', batchSize);
      cursor = next;
      for (let i = 0; i < fields.length; i += 2) {
        const [id, json] = [fields[i] ?? '', fields[i + 1] ?? ''];
        if (!known.has(id) && toRevocation(JSON.parse(json)).recordedAt < before) orphans.push(id);
      }
    } while (cursor !== '0');
    return orphans;
  }
}

function row(entry: Revocation): (string | number)[] {
  return [entry.id, entry.seq, entry.expiresAt ?? '', JSON.stringify(entry)];
}

function* batches<T>(items: T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += batchSize) yield items.slice(i, i + batchSize);
}
