import type { Log } from '@portcullis/revocation';
import type { Redis } from 'ioredis';

/** A Redis that may evict keys can forget a revocation while its epoch survives. Says so at the start; never throws. */
export async function warnAboutEviction(redis: Pick<Redis, 'info'>, log: Pick<Log, 'warn'>): Promise<void> {
  try {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
    if (policy === 'noeviction') return;
    log.warn(
      { policy },
      'redis: maxmemory-policy is not noeviction, so revocations may be evicted; set it to noeviction',
    );
  } catch (error) {
    log.warn({ err: error }, 'redis: maxmemory-policy could not be read; it has to be noeviction');
  }
}
