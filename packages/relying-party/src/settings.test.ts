import { ConfigError } from '@portcullis/config';
import { expect, test } from 'vitest';
import { loadSettings } from './settings.ts';

const env = {
  PORT: '4001',
  BASE_URL: 'http://localhost:4001',
  ISSUER: 'http://localhost:4000',
  CLIENT_ID: 'shop',
  CLIENT_SECRET: 'a secret that is long enough',
  COOKIE_KEYS: 'a cookie key that is long enough for a test',
};

test('revocations come from Redis, and an old copy decides nothing, unless it is said otherwise', () => {
  expect(loadSettings({ ...env, REDIS_URL: 'redis://localhost' })).toMatchObject({
    revocations: { from: 'redis', url: 'redis://localhost' },
    maxStalenessMs: 5000,
    whenStale: { allow: 'nothing' },
  });
});

test('from the feed no Redis is needed; one that is named is for renewing sessions', () => {
  const fed = { ...env, REVOCATIONS_FROM: 'feed' };
  expect(loadSettings(fed)).toMatchObject({ revocations: { from: 'feed' }, redisUrl: undefined });
  expect(loadSettings({ ...fed, REDIS_URL: 'redis://own' })).toMatchObject({
    revocations: { from: 'feed' },
    redisUrl: 'redis://own',
  });
});

test('reads on an old copy are opted for by their bound', () => {
  const settings = loadSettings({ ...env, REDIS_URL: 'redis://localhost', STALE_READS_FOR_MS: '60000' });
  expect(settings.whenStale).toEqual({ allow: 'reads', forMs: 60_000 });
});

test.for([
  [{}, 'REDIS_URL'],
  [{ REDIS_URL: 'redis://localhost', MAX_STALENESS_MS: '100' }, 'MAX_STALENESS_MS'],
  [{ REDIS_URL: 'redis://localhost', STALE_READS_FOR_MS: '300001' }, 'STALE_READS_FOR_MS'],
  [{ REVOCATIONS_FROM: 'nowhere' }, 'REVOCATIONS_FROM'],
] as const)('refused, naming the variable: %o', ([over, name]) => {
  const load = () => loadSettings({ ...env, ...over });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(name);
});
