import type { Redis } from 'ioredis';

export type Counting = {
  name: string;
  points: number;
  windowSeconds: number;
  /** For accounts: each grant restarts the window, and each time all places are gone it takes twice as long, up to the longest. */
  growingLock: { longestSeconds: number; rememberedSeconds: number } | null;
};

/** A place, where `waitMs` is 0; otherwise how long until there is one. One round trip, one atomic step for all nodes. */
const takeScript = `
  local places, locks = KEYS[1], KEYS[2]
  local points, window, growing = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == 'growing'
  local taken = tonumber(redis.call('get', places) or '0')
  if taken >= points then return redis.call('pttl', places) end
  taken = redis.call('incr', places)
  if growing and taken == points then
    local times = redis.call('incr', locks)
    redis.call('expire', locks, ARGV[5])
    redis.call('expire', places, math.min(window * 2 ^ (times - 1), tonumber(ARGV[4])))
  elseif growing or taken == 1 then
    redis.call('expire', places, window)
  end
  return 0`;

const giveBackScript = `
  if tonumber(redis.call('get', KEYS[1]) or '0') > 0 then redis.call('decr', KEYS[1]) end`;

/** A number of places per key, counted in Redis. Every call fails at once while the connection is down. */
export function createPlaces(redis: Redis, { name, points, windowSeconds, growingLock }: Counting) {
  return { take, giveBack, clear };

  /** Seconds to wait, or 0: the place is the caller's. */
  async function take(key: string): Promise<number> {
    const limits = [points, windowSeconds, growingLock ? 'growing' : 'even'];
    const lock = [growingLock?.longestSeconds ?? 0, growingLock?.rememberedSeconds ?? 0];
    const waitMs = await connected().eval(takeScript, 2, ...keysOf(key), ...limits, ...lock);
    return Math.ceil(Number(waitMs) / 1000);
  }

  async function giveBack(key: string): Promise<void> {
    await connected().eval(giveBackScript, 1, keysOf(key)[0]);
  }

  /** All places come back, and that they were ever gone is forgotten. */
  async function clear(key: string): Promise<void> {
    await connected().del(...keysOf(key));
  }

  /** ioredis would keep what it cannot send until the connection is back: too late for whoever waits. */
  function connected(): Redis {
    if (redis.status !== 'ready') throw new Error('Redis is away');
    return redis;
  }

  /** The braces keep both on one shard of a cluster. */
  function keysOf(key: string): [places: string, locks: string] {
    const places = `throttle:{${name}:${key}}`;
    return [places, `${places}:locks`];
  }
}
