import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const env = {
  ISSUER: 'https://id.example',
  DATABASE_URL: 'postgres://localhost/x',
  REDIS_URL: 'redis://localhost',
  COOKIE_KEYS: 'c'.repeat(32),
  ENCRYPTION_KEY: 'e'.repeat(32),
};

test('whoever wants the account deleted has a day at least to change their mind', () => {
  expect(loadConfig({ ...env, DELETION_GRACE_DAYS: '1' }).deletionGraceDays).toBe(1);
  expect(() => loadConfig({ ...env, DELETION_GRACE_DAYS: '0' })).toThrow(/DELETION_GRACE_DAYS/);
});
