import type { Log } from '@portcullis/revocation';
import type { Redis } from 'ioredis';

/**
 * A Redis that may evict any key can forget a revocation while its epoch survives: rejects, and no node starts on it (F-07).
 * One that may evict keys with an end can only cost somebody a retry: a warning. So is a Redis that does not say.
 */
export async function refuseEviction(redis: Pick<Redis, 'info'>, log: Pick<Log, 'warn'>): Promise<void> {
  const policy = await redis.info('memory').then(
    (told) => /^maxmemory_policy:(\S+)/m.exec(told)?.[1],
    (err: unknown) => {
      log.warn({ err }, 'redis: maxmemory-policy could not be read; it has to be noeviction');
      return undefined;
    },
  );
  if (policy?.startsWith('allkeys'))
    throw new Error(`redis: maxmemory-policy is ${policy}, so revocations could be evicted. Set it to noeviction.`);
  if (policy?.startsWith('volatile'))
    log.warn({ policy }, 'redis: maxmemory-policy should be noeviction: sign-ins under way may be evicted');
}
