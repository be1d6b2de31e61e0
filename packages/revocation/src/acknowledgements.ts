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
  /** Proven: everything published up to this sequence is in the mirror's memory. */
  seq: number;
  state: MirrorState;
  /** The read that this was written after. */
  at: number;
};

/** Beyond this the times of acknowledgements that could not be told are given up. */
const keptUntold = 1000;

export function presenceField({ app, instance }: { app: string; instance: string }): string {
  return `${app}|${instance}`;
}

/**
 * Tells the operator's side what a mirror has applied. Nobody waits for it and nothing depends on it: where it fails the
 * next report says that the entries are there, only not since when. A Redis user that may not write leaves no receipts.
 */
export function createAcknowledger(redis: Redis, name: { app: string; instance: string }) {
  const field = presenceField(name);
  const run = randomUUID();
  let since: number | undefined;
  let proof: { epoch: string | null; seq: number } = { epoch: null, seq: 0 };
  let untold: number[] = [];
  let telling = false;
  let reporting = false;
  let left = false;

  return { applied, prove, report, leave };

  /** These entries are in memory from now on. What is applied while a message is on its way shares the next. */
  function applied(seqs: number[]): void {
    untold = [...untold, ...seqs].slice(-keptUntold);
    if (!telling) void tell();
  }

  async function tell(): Promise<void> {
    telling = true;
    await new Promise(setImmediate); // whoever else in this process got the same news applies it first
    while (untold.length > 0 && !left && redis.status === 'ready') {
      const seqs = untold;
      untold = [];
      const told = await redis
        .xadd(keys.acks, 'MAXLEN', '~', acksLength, '*', 'run', run, 'seqs', seqs.join(','))
        .catch(() => null);
      if (told !== null) continue;
      untold = [...seqs, ...untold]; // goes with the next ones, or after the next report
      break;
    }
    telling = false;
  }

  /** Everything published up to `seq` is in memory. */
  function prove(next: { epoch: string | null; seq: number }): void {
    proof = next;
  }

  /** `at`: Redis' clock at the last read. */
  async function report(at: number, state: MirrorState): Promise<void> {
    if (reporting || left) return;
    reporting = true;
    since ??= at;
    const presence: Presence = { ...name, run, since, ...proof, state, at };
    await redis.hset(keys.mirrors, field, JSON.stringify(presence)).catch(() => {});
    reporting = false;
    if (untold.length > 0) applied([]);
  }

  /** A mirror that ends in order is not missed. */
  async function leave(): Promise<void> {
    left = true;
    if (redis.status === 'ready') await redis.hdel(keys.mirrors, field).catch(() => {});
  }
}
