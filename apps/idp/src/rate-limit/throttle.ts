import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

import { addressKey } from './address.ts';
import { createPatience, type Patience } from './patience.ts';

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
  const accounts = counter(deps.redis, patiently, { name: 'account', points: limits.account, growingLock: true });
  const addresses = counter(deps.redis, patiently, { name: 'address', points: limits.address, growingLock: false });

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

/** A place given back leaves the window alone; a granted one may restart it, a refused one never does. */
function takeScript(grantRestartsWindow: boolean): string {
  return `
    local by = tonumber(ARGV[1])
    if by < 0 and redis.call('exists', KEYS[1]) == 0 then return {0, 0} end
    local taken = redis.call('incrby', KEYS[1], by)
    local restart = ${grantRestartsWindow} and by > 0 and taken <= tonumber(ARGV[3])
    if restart or redis.call('pttl', KEYS[1]) < 0 then redis.call('expire', KEYS[1], ARGV[2]) end
    return {taken, redis.call('pttl', KEYS[1])}`;
}

/** A place taken, where `waitSeconds` is 0; otherwise how long until there is one. */
type Place = {
  waitSeconds: number;
  giveBack(): Promise<unknown>;
  /** Gives back every place of this key. */
  clear(): Promise<unknown>;
};

type Counting = { name: string; points: number; growingLock: boolean };

function counter(redis: Redis, patiently: Patience, { name, points, growingLock }: Counting) {
  const remote = { storeClient: redis, rejectIfRedisNotReady: true };
  const places = new RateLimiterRedis({
    ...remote,
    keyPrefix: `throttle:${name}`,
    points,
    duration: windowSeconds,
    customIncrTtlLuaScript: takeScript(growingLock),
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

  return { take };

  async function take(key: string): Promise<Place> {
    try {
      return {
        waitSeconds: await secondsToWait(patiently(() => takeFromAll(key))),
        giveBack: () => quietly(() => places.reward(key)),
        clear: () => quietly(() => Promise.all([places.delete(key), locks.delete(key)])),
      };
    } catch {
      return {
        waitSeconds: await secondsToWait(local.consume(key)),
        giveBack: () => local.reward(key),
        clear: () => local.delete(key),
      };
    }
  }

  async function takeFromAll(key: string): Promise<void> {
    const taken = await places.consume(key);
    if (!growingLock || taken.remainingPoints > 0) return;
    const { consumedPoints: times } = await locks.consume(key);
    // Only the time: places given back meanwhile by others must not be lost.
    await redis.expire(places.getKey(key), Math.min(windowSeconds * 2 ** (times - 1), longestLockSeconds));
  }

  /** Failing to give a place back costs nothing but that place, for a quarter of an hour. */
  async function quietly(work: () => Promise<unknown>): Promise<void> {
    await patiently(work).catch(() => undefined);
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
