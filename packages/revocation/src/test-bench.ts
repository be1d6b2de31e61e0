import { randomUUID } from 'node:crypto';
import { startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { createMirror, type WhenStale } from './mirror.ts';
import { createPublisher } from './publisher.ts';
import { redisSource } from './redis-source.ts';
import type { Revocation } from './revocation.ts';

/** Of the last revocation made here. */
export let sequence = 0;

export function revocation(over: Partial<Revocation> = {}): Revocation {
  sequence += 1;
  return {
    id: randomUUID(),
    seq: sequence,
    target: { kind: 'account', sub: randomUUID() },
    issuedBefore: null,
    cause: 'ban',
    recordedAt: Date.now(),
    expiresAt: null,
    ...over,
  };
}

export function ban(sub: string, over: Partial<Revocation> = {}): Revocation {
  return revocation({ target: { kind: 'account', sub }, ...over });
}

/** A Redis, a publisher, and mirrors on demand. */
export async function bench(maxStalenessMs = 5000, whenStale?: WhenStale) {
  const server = await startRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  const mirrors: AsyncDisposable[] = [];
  onTestFinished(async () => {
    await Promise.all(mirrors.map((mirror) => mirror[Symbol.asyncDispose]()));
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  const mirror = () => {
    const source = redisSource({ url: server.url });
    const made = createMirror({
      source,
      app: 'forum',
      instance: 'forum 1',
      maxStalenessMs,
      ...(whenStale && { whenStale }),
    });
    mirrors.push(made);
    return made;
  };
  return { server, redis, publisher: createPublisher(redis), mirror };
}
