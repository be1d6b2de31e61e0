import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { addressKey } from './address.ts';
import { createPatience, type Patience } from './patience.ts';
import { type Counting, createPlaces } from './places.ts';

/** How many guesses may be open or failed at once, per account and per address. */
export type Limits = { account: number; address: number };

export type Throttle = ReturnType<typeof createThrottle>;

/** Every place one attempt takes is given back by exactly one of these calls, or kept: then it was a wrong guess. */
export type Reservation = {
  ok: true;
  /** The secret was right: the account starts afresh; the address gets back this one place only (an attacker's own account must not clear it). */
  succeeded(): Promise<void>;
  /** Nothing was tested (we were too busy): the places come back. */
  untested(): Promise<void>;
};

export type Attempt = { account: string; address: string };

const windowSeconds = 15 * 60;

/**
 * Counts guesses at secrets across all nodes. A place is reserved BEFORE the secret is tested, so parallel
 * guesses cannot overtake the count.
 * An account's places come free 15 minutes after the last attempt that got one; when all are taken the lock grows
 * 15 → 30 → 60 minutes with each time in a day, is never prolonged by attempts made during it, and so never becomes
 * permanent. An address may stand for a whole office: its places come free every 15 minutes.
 * With Redis away a stricter limiter in this process stands in (F-03).
 */
export function createThrottle(deps: { redis: Redis; limits?: Limits }) {
  const limits = deps.limits ?? { account: 10, address: 100 };
  const patiently = createPatience();
  const counting = (o: Counting) => counter(deps.redis, patiently, o);
  const accounts = counting({ name: 'account', points: limits.account, windowSeconds, growingLock: true });
  const addresses = counting({ name: 'address', points: limits.address, windowSeconds, growingLock: false });

  return { reserve };

  /** `account` is the normalised address the guess is for, whether or not such an account exists. */
  async function reserve(attempt: Attempt): Promise<Reservation | { ok: false; retryAfterSeconds: number }> {
    // The address first: one that is past its own limit can no longer lock anybody's account.
    const byAddress = await addresses.take(addressKey(attempt.address));
    if (byAddress.waitSeconds > 0) return { ok: false, retryAfterSeconds: byAddress.waitSeconds };
    const byAccount = await accounts.take(hashOf(attempt.account));
    if (byAccount.waitSeconds > 0) return { ok: false, retryAfterSeconds: byAccount.waitSeconds };
    return {
      ok: true,
      succeeded: async () => {
        await Promise.all([byAccount.clear(), byAddress.giveBack()]);
      },
      untested: async () => {
        await Promise.all([byAccount.giveBack(), byAddress.giveBack()]);
      },
    };
  }
}

/** Keys of one length, and no addresses of people in Redis. */
function hashOf(account: string): string {
  return createHash('sha256').update(account).digest('base64url');
}

/** A place taken, where `waitSeconds` is 0; otherwise how long until there is one. */
type Place = {
  waitSeconds: number;
  giveBack(): Promise<unknown>;
  /** Gives back every place of this key. */
  clear(): Promise<unknown>;
};

/** Places in Redis, and fewer of them in this process while Redis is away. */
function counter(redis: Redis, patiently: Patience, counting: Counting) {
  const shared = createPlaces(redis, counting);
  const local = new RateLimiterMemory({
    keyPrefix: counting.name,
    points: Math.ceil(counting.points / 3),
    duration: counting.windowSeconds,
    blockDuration: counting.windowSeconds,
  });

  return { take };

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

  /** Failing to give a place back costs nothing but that place, for a quarter of an hour. */
  async function quietly(work: () => Promise<void>): Promise<void> {
    await patiently(work).catch(() => undefined);
  }
}

/** The limiter in the process rejects with its result when no place is free. */
function secondsToWait(refusal: unknown): number {
  if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
  throw refusal;
}
