import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { createPatience, type Patience } from './patience.ts';
import { type Counting, createPlaces } from './places.ts';

/** A place taken, where `waitSeconds` is 0; otherwise how long until there is one. */
export type Place = {
  waitSeconds: number;
  giveBack(): Promise<unknown>;
  /** Gives back every place of this key, and forgets that they were ever gone. */
  clear(): Promise<unknown>;
};
export type Counter = ReturnType<typeof createCounter>;

/** Places in Redis, counted over all nodes, and fewer of them in this process while Redis is away (F-03). */
export function createCounter(redis: Redis, counting: Counting, patiently: Patience = createPatience()) {
  const shared = createPlaces(redis, counting);
  const local = new RateLimiterMemory({
    keyPrefix: counting.name,
    points: Math.ceil(counting.points / 3),
    duration: counting.windowSeconds,
    blockDuration: counting.windowSeconds,
  });

  return { take, clear };

  async function take(key: string): Promise<Place> {
    try {
      return {
        waitSeconds: await patiently(() => shared.take(key)),
        giveBack: () => quietly(() => shared.giveBack(key)),
        clear: () => quietly(() => shared.clear(key)),
      };
    } catch {
      return {
        waitSeconds: await local.consume(key).then(() => 0, secondsToWait),
        giveBack: () => local.reward(key),
        clear: () => local.delete(key),
      };
    }
  }

  async function clear(key: string): Promise<void> {
    await Promise.all([quietly(() => shared.clear(key)), local.delete(key)]);
  }

  /** Failing to give a place back costs nothing but that place, until its time is over. */
  async function quietly(work: () => Promise<void>): Promise<void> {
    await patiently(work).catch(() => undefined);
  }
}

/** The limiter in the process rejects with its result when no place is free. */
function secondsToWait(refusal: unknown): number {
  if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
  throw refusal;
}
