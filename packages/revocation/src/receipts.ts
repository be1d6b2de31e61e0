import type { Redis } from 'ioredis';
import { presenceField, type Presence } from './acknowledgements.ts';
import { keys } from './keys.ts';
import { inMs, transaction, type Change, type Time } from './replies.ts';

/** One mirror's word on some entries. */
export type Receipt = {
  app: string;
  instance: string;
  /**
   * enforced: all of the entries are in its memory, its check says revoked · waiting: not all of them yet ·
   * not_seen: likewise, and nothing was heard of it for more than 5 s.
   */
  state: 'enforced' | 'waiting' | 'not_seen';
  /** From publication to acknowledgement, of the entry that took longest. null: not yet; or not known, as after a restart. */
  afterMs: number | null;
  lastSeenMs: number;
};

const notSeenAfterMs = 5000;
const forgottenAfterMs = 10 * 60_000;
const pageSize = 5000;

const byName = new Intl.Collator('en', { numeric: true });

/** Sequence → ms by Redis' clock. */
type Times = Map<number, number>;

/** Who enforces what, in the mirrors' own words. All times are of Redis' clock, so that they can be subtracted. */
export function createReceipts(redis: Redis) {
  return { of };

  /** A receipt of every mirror heard of in the last 10 minutes, by application and instance. Throws when Redis is away. */
  async function of(entries: { id: string; seq: number }[]): Promise<Receipt[]> {
    const seqs = [...new Set(entries.map(({ seq }) => seq))];
    const multi = redis.multi().time().get(keys.epoch).hgetall(keys.mirrors);
    for (const seq of seqs) multi.zscore(keys.published, String(seq));
    const [time, epoch, hash, ...scores] =
      await transaction<[Time, string | null, Record<string, string>, ...(string | null)[]]>(multi);
    const now = inMs(time);
    const published: Times = new Map(seqs.flatMap((seq, i) => (scores[i] ? [[seq, Number(scores[i])] as const] : [])));
    const mirrors = await present(hash, now);
    const applied = await applications(mirrors, published);

    return mirrors.map((mirror): Receipt => {
      const { app, instance, at } = mirror;
      const own: Times = applied.get(mirror.run) ?? new Map();
      const enforced = seqs.every((seq) => own.has(seq) || (mirror.epoch === epoch && mirror.seq >= seq));
      const lastSeenMs = Math.max(0, Math.round(now - at));
      const state = enforced ? 'enforced' : lastSeenMs > notSeenAfterMs ? 'not_seen' : 'waiting';
      return { app, instance, state, afterMs: enforced ? longest(seqs, published, own) : null, lastSeenMs };
    });
  }

  async function present(hash: Record<string, string>, now: number): Promise<Presence[]> {
    const all = Object.values(hash).map((json) => JSON.parse(json) as Presence);
    const forgotten = all.filter(({ at }) => now - at > forgottenAfterMs);
    if (forgotten.length > 0) await redis.hdel(keys.mirrors, ...forgotten.map(presenceField));
    return all
      .filter((mirror) => !forgotten.includes(mirror))
      .toSorted((a, b) => byName.compare(a.app, b.app) || byName.compare(a.instance, b.instance));
  }

  /** By run, what each acknowledged and when. Looks as far as it must: until all have answered, at most 10 minutes on. */
  async function applications(mirrors: Presence[], published: Times): Promise<Map<string, Times>> {
    const byRun = new Map<string, Times>(mirrors.map(({ run }) => [run, new Map()]));
    if (published.size === 0) return byRun;
    const from = Math.min(...published.values());
    const to = Math.max(...published.values()) + forgottenAfterMs;
    let start = String(from);
    for (;;) {
      const page = (await redis.xrange(keys.acks, start, String(to), 'COUNT', pageSize)) as Change[];
      for (const [id, [, run = '', , seqs = '']] of page) {
        const own = byRun.get(run);
        if (!own) continue;
        for (const seq of seqs.split(',').map(Number)) {
          if (published.has(seq) && !own.has(seq)) own.set(seq, Number.parseInt(id, 10));
        }
      }
      const last = page.at(-1)?.[0];
      const answered = mirrors.every(({ run, at }) => at < from || byRun.get(run)?.size === published.size);
      if (page.length < pageSize || last === undefined || answered) return byRun;
      start = `(${last}`;
    }
  }
}

function longest(seqs: number[], published: Times, applied: Times): number | null {
  let found = 0;
  for (const seq of seqs) {
    const [from, to] = [published.get(seq), applied.get(seq)];
    if (from === undefined || to === undefined) return null;
    found = Math.max(found, to - from);
  }
  return found;
}
