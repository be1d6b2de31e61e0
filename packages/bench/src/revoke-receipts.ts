import { setTimeout as pause } from 'node:timers/promises';
import { createReceipts, type Revocation } from '@portcullis/revocation';
import type { Redis } from 'ioredis';
import { monotonicMs } from './revoke-orders.ts';
import type { FleetProcess } from './revoke-process.ts';

const everyMs = 25;
const withinMs = 5_000;

/**
 * Reads receipts as an operator's page does, one question at a time, and asks every mirror whose receipt has come
 * whether it really refuses. Processes are named `bench-<index>`, their mirrors by number.
 */
export function readReceipts(redis: Redis, fleet: { process: FleetProcess; mirrors: number }[]) {
  const receipts = createReceipts(redis);
  const open: { entry: Revocation; number: number; waiting: Set<string>; deadline: number }[] = [];
  const found = { afterMs: [] as { number: number; ms: number }[], accepted: 0, without: [] as number[] };
  let last = false;
  const reading = read();

  return {
    follow(entry: Revocation, number: number): void {
      const waiting = new Set(
        fleet.flatMap(({ mirrors }, i) => Array.from({ length: mirrors }, (_, j) => `${i}:${j}`)),
      );
      open.push({ entry, number, waiting, deadline: monotonicMs() + withinMs });
    },
    /** All that was found once the last revocation has been answered for, or its time is up. */
    async end() {
      last = true;
      await reading;
      return found;
    },
  };

  async function read(): Promise<void> {
    while (!last || open.length > 0) {
      await pause(everyMs);
      for (const one of open.splice(0)) {
        await look(one);
        if (one.waiting.size === 0) continue;
        if (monotonicMs() < one.deadline) open.push(one);
        else found.without.push(...Array.from(one.waiting, () => one.number));
      }
    }
  }

  async function look({ entry, number, waiting }: (typeof open)[number]): Promise<void> {
    const claimed = fleet.map((): number[] => []);
    for (const { app, instance, state, afterMs } of await receipts.of([entry])) {
      const index = Number(app.replace('bench-', ''));
      if (state !== 'enforced' || !waiting.delete(`${index}:${instance}`)) continue;
      claimed[index]?.push(Number(instance));
      if (afterMs !== null) found.afterMs.push({ number, ms: afterMs });
    }
    const asked = fleet.map(async ({ process }, i) => {
      const mirrors = claimed[i] ?? [];
      if (mirrors.length === 0) return;
      const { clear = 0 } = await process.ask({ step: 'check', revocation: number, mirrors });
      found.accepted += clear;
    });
    await Promise.all(asked);
  }
}
