import { startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { warnAboutEviction } from './eviction.ts';

test('F-06: a Redis that may evict revocations is warned about, one that may not is not', async () => {
  await using server = await startRedis();
  const redis = new Redis(server.url);
  const warned: object[] = [];
  const log = { warn: (details: object) => void warned.push(details) };

  await warnAboutEviction(redis, log);
  expect(warned).toEqual([]);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await warnAboutEviction(redis, log);
  expect(warned).toEqual([{ policy: 'allkeys-lru' }]);
  redis.disconnect();
});
