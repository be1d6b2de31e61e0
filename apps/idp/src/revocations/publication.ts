/**
 * Brings the Redis side to what PostgreSQL holds: publishes what is committed and unpublished, or rebuilds everything
 * when Redis is not where we left it. One publication at a time in the whole cluster: the lock on the one row of
 * denylist_position is held from reading what to publish until it is marked as published. So
 *  - numbers are given in the order of publication; nobody who follows them can miss a transaction that commits late;
 *  - a rebuild never drops what another node publishes meanwhile;
 *  - an older version of an entry is never written after a newer one.
 * A node that dies between Redis and commit leaves the entries unpublished: the next one repeats them under higher numbers.
 */
import type { Log, Publisher, Revocation } from '@portcullis/revocation';
import type { Pool, PoolClient } from 'pg';
import { wireColumns } from './entry.ts';

export type Position = { epoch: string | null; seq: number };
export type Deps = { publisher: Publisher; pool: Pool; log: Pick<Log, 'info' | 'warn'> };

/** More than this waiting means that Redis was away for long: one snapshot is then cheaper for all mirrors than the stream. */
const rebuildAbove = 5000;
const redisTimeoutMs = 2000;
/** A million entries. Every command of it has a time limit of its own, in the client. */
const rebuildTimeoutMs = 60_000;

/** A node that freezes in the middle loses its lock; one that waits for the lock gives up and leaves the work to its holder. */
const begin = `
  begin;
  set local lock_timeout = '3s';
  set local idle_in_transaction_session_timeout = '15s'`;

export function createPublication({ publisher, pool, log }: Deps) {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  return { bringUpToDate, compare, confirm };

  /** Whatever was committed before the call is in Redis when it resolves; rejects when Redis or PostgreSQL does not take part. */
  function bringUpToDate(): Promise<void> {
    if (!running) {
      running = publishWaiting().finally(() => (running = undefined));
      return running;
    }
    // What runs may have read before our caller committed, so one more follows, shared by all who ask meanwhile.
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return bringUpToDate();
      });
    return next;
  }

  /** Tells the mirrors that what was acknowledged before the look that found it so (`at`, by Redis' clock) is in Redis. */
  function confirm({ at }: { at: number }): Promise<void> {
    return within(redisTimeoutMs, publisher.confirm(at));
  }

  /** Looks without a lock: may report a publication that is under way as "behind", never the other way round. */
  async function compare(): Promise<{ inStep: boolean; waiting: number; at: number } & Position> {
    const at = await within(redisTimeoutMs, publisher.time());
    const { rows } = await pool.query<{ epoch: string | null; seq: string; waiting: string }>({
      name: 'denylist-position',
      text: `select epoch, seq, (select count(*) from revocation where published_at is null) as waiting
             from denylist_position where id = 'redis'`,
    });
    const row = rows[0];
    if (!row) throw new Error('denylist_position has lost its row');
    const expected = { epoch: row.epoch, seq: Number(row.seq) };
    const waiting = Number(row.waiting);
    const found = await within(redisTimeoutMs, publisher.position());
    return { inStep: waiting === 0 && isSame(found, expected), waiting, at, ...expected };
  }

  async function publishWaiting(): Promise<void> {
    const client = await pool.connect();
    let broken = true;
    try {
      await client.query(begin);
      const expected = await lockPosition(client);
      const found = await within(redisTimeoutMs, publisher.position());
      if (found && found.seq > expected.seq) await skipNumbers(client, found.seq);
      const waiting = await takeWaiting(client);
      const position =
        isSame(found, expected) && waiting.length <= rebuildAbove
          ? await publish(waiting, expected)
          : await rebuild(client, { found, expected });
      await client.query(`update denylist_position set epoch = $1, seq = $2 where id = 'redis'`, [
        position.epoch,
        position.seq,
      ]);
      await client.query('commit');
      broken = false;
    } finally {
      client.release(broken); // a closed connection is a rolled-back transaction
    }
  }

  async function publish(entries: Revocation[], from: Position): Promise<Position> {
    if (!entries.length) return from;
    await within(redisTimeoutMs, publisher.publish(entries));
    return { epoch: from.epoch, seq: Math.max(from.seq, ...entries.map(({ seq }) => seq)) };
  }

  async function rebuild(client: PoolClient, why: { found: Position | null; expected: Position }): Promise<Position> {
    const started = performance.now();
    await client.query(`set local idle_in_transaction_session_timeout = '70s'; set local statement_timeout = '30s'`);
    const { rows } = await client.query<Revocation>(
      `select ${wireColumns} from revocation where expires_at is null or expires_at > now()`,
    );
    const { rows: numbers } = await client.query<{ seq: string }>(`select nextval('revocation_publication') as seq`);
    await within(rebuildTimeoutMs, publisher.rebuild(rows, Number(numbers[0]?.seq)));
    const position = await within(redisTimeoutMs, publisher.position());
    if (!position) throw new Error('Redis lost the denylist right after it was rebuilt');
    log.warn({ ...why, entries: rows.length, ms: Math.round(performance.now() - started) }, 'denylist: rebuilt');
    return position;
  }
}

async function lockPosition(client: PoolClient): Promise<Position> {
  const { rows } = await client.query<{ epoch: string | null; seq: string }>(
    `select epoch, seq from denylist_position where id = 'redis' for update`,
  );
  if (!rows[0]) throw new Error('denylist_position has lost its row');
  return { epoch: rows[0].epoch, seq: Number(rows[0].seq) };
}

/** Redis is ahead: a commit failed after publishing, or PostgreSQL came back from a backup. Old numbers must not be given again. */
async function skipNumbers(client: PoolClient, seq: number): Promise<void> {
  await client.query(`select setval('revocation_publication', $1) from revocation_publication where last_value < $1`, [
    seq,
  ]);
}

async function takeWaiting(client: PoolClient): Promise<Revocation[]> {
  const { rows } = await client.query<Revocation>(
    `update revocation set seq = nextval('revocation_publication'), published_at = now()
     where published_at is null returning ${wireColumns}`,
  );
  return rows;
}

function isSame(found: Position | null, expected: Position): boolean {
  return found !== null && found.epoch === expected.epoch && found.seq === expected.seq;
}

/** A command that is late may still arrive: harmless, because the position then differs and the next turn finds it. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
