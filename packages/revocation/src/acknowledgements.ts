import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { acksLength, keys } from './keys.ts';
import type { MirrorState } from './source.ts';

/** How a mirror stands, in the hash of mirrors. Times are milliseconds by Redis' clock. */
export type Presence = {
  app: string;
  instance: string;
  /** Of this start of the mirror: what an earlier one acknowledged says nothing about the memory of this one. */
  run: string;
  /** First contact of this run. */
  since: number;
  epoch: string | null;
  /** All that was published up to this sequence is in the mirror's memory. */
  seq: number;
  state: MirrorState;
  /** The read that this was written after. */
  at: number;
};

type Proof = { epoch: string | null; seq: number };

export function presenceField({ app, instance }: { app: string; instance: string }): string {
  return `${app}|${instance}`;
}

/**
 * Tells the operator's side what a mirror has applied. Nobody waits for it and nothing depends on it: what could not be
 * told is covered by the next proof, and a Redis user without the right to write leaves no receipts, that is all.
 */
export function createAcknowledger(redis: Redis, name: { app: string; instance: string }) {
  const field = presenceField(name);
  const run = randomUUID();
  let since: number | undefined;
  let heard: number[] = [];
  let proof: Proof = { epoch: null, seq: 0 };
  /** The proof that Redis has taken. */
  let told: Proof = proof;
  let sending = false;
  let reporting = false;
  let left = false;

  return { hear, prove, report, leave };

  /** Entries applied one by one, out of the order of the stream. Those that come while a message is on its way share the next. */
  function hear(seqs: number[]): void {
    heard.push(...seqs);
    if (!sending) void sendHeard();
  }

  async function sendHeard(): Promise<void> {
    sending = true;
    await new Promise(setImmediate); // who else got the same news applies it first
    while (heard.length > 0 && !left) {
      const seqs = heard.splice(0).join(',');
      if (redis.status === 'ready') await redis.xadd(...entry('heard', seqs)).catch(() => {});
    }
    sending = false;
  }

  /** Everything up to `seq` has been applied. */
  function prove(next: Proof): void {
    proof = next;
  }

  /** `at`: Redis' clock at the last read. */
  async function report(at: number, state: MirrorState): Promise<void> {
    if (reporting || left) return;
    reporting = true;
    since ??= at;
    const telling = proof;
    const after = told.epoch === telling.epoch ? told.seq : 0;
    const presence: Presence = { ...name, run, since, ...telling, state, at };
    const pipeline = redis.pipeline();
    if (telling.seq > after) pipeline.xadd(...entry('after', after, 'upto', telling.seq));
    pipeline.hset(keys.mirrors, field, JSON.stringify(presence));
    const replies = await pipeline.exec().catch(() => null);
    if (replies?.every(([error]) => error === null)) told = telling;
    reporting = false;
  }

  /** A mirror that ends in order is not missed. */
  async function leave(): Promise<void> {
    left = true;
    if (redis.status === 'ready') await redis.hdel(keys.mirrors, field).catch(() => {});
  }

  function entry(...what: (string | number)[]): [string, 'MAXLEN', '~', number, '*', ...(string | number)[]] {
    return [keys.acks, 'MAXLEN', '~', acksLength, '*', 'mirror', field, 'run', run, ...what];
  }
}
