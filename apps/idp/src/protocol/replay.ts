import { hash } from 'node:crypto';
import type Provider from 'oidc-provider';
import { reaching } from './errors.ts';
import type { RedisArtifacts } from './redis-artifacts.ts';

/** The library looks whether a `jti` is known and then stores it; this is one step, so that of parallel uses one passes. */
export function uniqueOnce(provider: Provider, redis: RedisArtifacts): void {
  Object.assign(provider.ReplayDetection, {
    unique(iss: string, jti: string, exp: number): Promise<boolean> {
      const ttlSeconds = exp - Math.floor(Date.now() / 1000);
      const id = hash('sha256', JSON.stringify([iss, jti]), 'base64url');
      return reaching(() => redis.saveIfAbsent('ReplayDetection', id, {}, ttlSeconds));
    },
  });
}
