import { Redis } from 'ioredis';

/**
 * A client that answers or fails, soon: nothing waits in a queue for a Redis that is away (F-05).
 * It connects again by itself; at the start an absent Redis is waited for. Commands of the same moment travel together.
 */
export async function connectRedis({ url, patienceMs = 1000 }: { url: string; patienceMs?: number }): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    commandTimeout: patienceMs,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
  });
  redis.on('error', () => {}); // each command that fails says so itself; readiness shows it
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
    redis.connect().catch(() => {});
  });
  return redis;
}
