import { hostname } from 'node:os';
import { ConfigError, parseEnv, secret, secretList } from '@portcullis/config';
import type { WhenStale } from '@portcullis/revocation';
import { z } from 'zod';

/** The environment of every application of the family; an application adds its own variables to these. */
export const settingsShape = {
  PORT: z.coerce.number().int().min(0).max(65_535),
  /** Where people reach the application; https decides over Secure cookies and their prefix. */
  BASE_URL: z.url(),
  /** The identity provider: all that is known of it beside the client's own registration there. */
  ISSUER: z.url(),
  CLIENT_ID: z.string().min(1),
  CLIENT_SECRET: secret(16),
  /** The audience of the access tokens that the family shares. */
  RESOURCE: z.string().default('urn:portcullis:family'),
  /** Comma separated; the first signs and encrypts, the others still open what they once closed. */
  COOKIE_KEYS: secretList(32),
  /** Where the application hears of revocations: Redis, or, where that is out of reach, the issuer's feed over HTTPS. */
  REVOCATIONS_FROM: z.enum(['redis', 'feed']).default('redis'),
  /**
   * Where the denylist is, and where the instances of the application agree on who renews a session. With the feed it may
   * be left out, or be a Redis of the application's own.
   */
  REDIS_URL: z.url().optional(),
  /** How old the last proof may be that no revocation was missed; older, the issuer is asked about each token. */
  MAX_STALENESS_MS: z.coerce.number().int().min(2000).max(60_000).default(5000),
  /**
   * For how long beyond that, while the issuer cannot be asked either, requests that change nothing are served all the
   * same. 0: not at all, and everybody gets 503. At most the life of an access token.
   */
  STALE_READS_FOR_MS: z.coerce.number().int().min(0).max(300_000).default(0),
  /** How many proxies of ours stand in front. */
  TRUSTED_HOPS: z.coerce.number().int().min(0).default(0),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Names this instance to the operator of the issuer; no two that run at once may have the same. */
  INSTANCE: z.string().default(`${hostname()}-${process.pid}`),
};

export type Settings = ReturnType<typeof settingsOf>;

/** For an application that has no variables of its own. Throws ConfigError. */
export function loadSettings(env: Record<string, string | undefined>): Settings {
  return settingsOf(parseEnv(settingsShape, env));
}

/** Throws ConfigError where variables contradict each other. */
export function settingsOf(v: z.infer<z.ZodObject<typeof settingsShape>>) {
  const baseUrl = new URL(v.BASE_URL);
  const whenStale: WhenStale =
    v.STALE_READS_FOR_MS > 0 ? { allow: 'reads', forMs: v.STALE_READS_FOR_MS } : { allow: 'nothing' };
  return {
    port: v.PORT,
    baseUrl: baseUrl.origin,
    host: baseUrl.host,
    https: baseUrl.protocol === 'https:',
    issuer: v.ISSUER,
    clientId: v.CLIENT_ID,
    clientSecret: v.CLIENT_SECRET,
    resource: v.RESOURCE,
    cookieKeys: v.COOKIE_KEYS,
    revocations: revocationsOf(v),
    redisUrl: v.REDIS_URL,
    maxStalenessMs: v.MAX_STALENESS_MS,
    whenStale,
    trustedHops: v.TRUSTED_HOPS,
    logLevel: v.LOG_LEVEL,
    instance: v.INSTANCE,
  };
}

function revocationsOf(v: { REVOCATIONS_FROM: 'redis' | 'feed'; REDIS_URL?: string | undefined }) {
  if (v.REVOCATIONS_FROM === 'feed') return { from: 'feed' } as const;
  if (v.REDIS_URL === undefined) throw new ConfigError(['REDIS_URL: is required, unless REVOCATIONS_FROM is feed']);
  return { from: 'redis', url: v.REDIS_URL } as const;
}
