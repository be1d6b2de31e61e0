import { startRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { refuseEviction } from './eviction.ts';

test('F-07: no node starts on a Redis that may evict revocations; one that may evict less is warned about', async () => {
  await using server = await startRedis();
  const redis = new Redis(server.url);
  const warned: object[] = [];
  const log = { warn: (details: object) => void warned.push(details) };

  await refuseEviction(redis, log);
  expect(warned).toEqual([]);
  await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  await refuseEviction(redis, log);
  expect(warned).toEqual([{ policy: 'volatile-ttl' }]);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(refuseEviction(redis, log)).rejects.toThrow('maxmemory-policy is allkeys-lru');
  redis.disconnect();
  await refuseEviction(redis, log);
  expect(warned, 'a Redis that is away keeps nobody from starting').toHaveLength(2);
});
