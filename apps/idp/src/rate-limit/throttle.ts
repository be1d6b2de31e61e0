import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

import { addressKey } from '#rate-limit/address.ts';

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
const longestLockSeconds = 60 * 60;
const locksRememberedSeconds = 24 * 60 * 60;

/** A Redis that hangs counts as away after this long; nobody waits longer for a sign-in page. */
const redisPatienceMs = 300;

/**
 * Counts guesses at secrets across all nodes. A place is reserved BEFORE the secret is tested, so parallel
 * guesses cannot overtake the count. Places come free 15 minutes after the last attempt that got one; when all are
 * taken the lock grows 15 → 30 → 60 minutes with each time in a day, is never prolonged by attempts made during it,
 * and so never becomes permanent. With Redis away a stricter limiter in this process stands in (F-03).
 */
export function createThrottle(deps: { redis: Redis; limits?: Limits }) {
  const limits = deps.limits ?? { account: 10, address: 60 };
  const accounts = counter(deps.redis, 'account', limits.account);
  const addresses = counter(deps.redis, 'address', limits.address);

  return { reserve };

  /** `account` is the normalised address the guess is for, whether or not such an account exists. */
  async function reserve(attempt: Attempt): Promise<Reservation | { ok: false; retryAfterSeconds: number }> {
    const account = createHash('sha256').update(attempt.account).digest('base64url');
    // The address first: one that is past its own limit can no longer lock anybody's account.
    const byAddress = await addresses.take(addressKey(attempt.address));
    if (byAddress.waitSeconds > 0) return { ok: false, retryAfterSeconds: byAddress.waitSeconds };
    const byAccount = await accounts.take(account);
    if (byAccount.waitSeconds > 0) return { ok: false, retryAfterSeconds: byAccount.waitSeconds };
    return {
      ok: true,
      succeeded: async () => {
        await Promise.all([accounts.clear(account), byAddress.giveBack()]);
      },
      untested: async () => {
        await Promise.all([byAccount.giveBack(), byAddress.giveBack()]);
      },
    };
  }
}

/** Each granted place restarts the window; a refused one does not, and one given back leaves it alone. */
const takeScript = `
local by = tonumber(ARGV[1])
if by < 0 and redis.call('exists', KEYS[1]) == 0 then return {0, 0} end
local taken = redis.call('incrby', KEYS[1], by)
if (by > 0 and taken <= tonumber(ARGV[3])) or redis.call('pttl', KEYS[1]) < 0 then
  redis.call('expire', KEYS[1], ARGV[2])
end
return {taken, redis.call('pttl', KEYS[1])}`;

type Place = { waitSeconds: number; giveBack(): Promise<void> };

function counter(redis: Redis, name: string, points: number) {
  const remote = { storeClient: redis, rejectIfRedisNotReady: true };
  const places = new RateLimiterRedis({
    ...remote,
    keyPrefix: `throttle:${name}`,
    points,
    duration: windowSeconds,
    customIncrTtlLuaScript: takeScript,
  });
  const locks = new RateLimiterRedis({
    ...remote,
    keyPrefix: `throttle:${name}:locks`,
    points: Number.MAX_SAFE_INTEGER,
    duration: locksRememberedSeconds,
  });
  const local = new RateLimiterMemory({
    keyPrefix: name,
    points: Math.ceil(points / 3),
    duration: windowSeconds,
    blockDuration: windowSeconds,
  });

  return { take, clear };

  /** Takes a place, or says how long until there is one (`waitSeconds` > 0). */
  async function take(key: string): Promise<Place> {
    try {
      const waitSeconds = await secondsToWait(patiently(takeFromAll(key)));
      return { waitSeconds, giveBack: () => quietly(places.reward(key)) };
    } catch {
      const waitSeconds = await secondsToWait(local.consume(key));
      return { waitSeconds, giveBack: () => quietly(local.reward(key)) };
    }
  }

  async function takeFromAll(key: string): Promise<void> {
    const taken = await places.consume(key);
    if (taken.remainingPoints > 0) return;
    const { consumedPoints: times } = await locks.consume(key);
    // Only the time: places given back meanwhile by others must not be lost.
    await redis.expire(places.getKey(key), Math.min(windowSeconds * 2 ** (times - 1), longestLockSeconds));
  }

  async function clear(key: string): Promise<void> {
    await Promise.all([local.delete(key), quietly(places.delete(key)), quietly(locks.delete(key))]);
  }
}

/** The limiter rejects with its result when no place is free; anything else it rejects with is trouble. */
async function secondsToWait(taking: Promise<unknown>): Promise<number> {
  try {
    await taking;
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}

/** Failing to give a place back costs nothing but that place, for a quarter of an hour. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await patiently(work).catch(() => undefined);
}

async function patiently<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('Redis does not answer')), redisPatienceMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
