import { hostname } from 'node:os';
import { z } from 'zod';
import { parseEnv, secret, secretList } from '@portcullis/config';

/** The environment is read here and nowhere else; the rest of the dashboard receives this value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const v = parseEnv(
    {
      PORT: z.coerce.number().int().min(0).max(65_535).default(4003),
      BASE_URL: z.url(),
      ISSUER: z.url(),
      CLIENT_ID: z.string().default('dashboard'),
      CLIENT_SECRET: secret(16),
      RESOURCE: z.string().default('urn:portcullis:family'),
      COOKIE_KEYS: secretList(32), // the first signs and encrypts, the others still open what they once closed
      REDIS_URL: z.url(),
      SHOP_URL: z.url(), // where people find the shop and the forum, and where their APIs are asked
      FORUM_URL: z.url(),
      TRUSTED_HOPS: z.coerce.number().int().min(0).default(0),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
      INSTANCE: z.string().default(hostname()),
    },
    env,
  );
  const baseUrl = new URL(v.BASE_URL);
  return {
    port: v.PORT,
    baseUrl: baseUrl.origin,
    host: baseUrl.host,
    https: baseUrl.protocol === 'https:',
    client: { issuer: v.ISSUER, clientId: v.CLIENT_ID, clientSecret: v.CLIENT_SECRET, resource: v.RESOURCE },
    cookieKeys: v.COOKIE_KEYS,
    redisUrl: v.REDIS_URL,
    family: { shop: v.SHOP_URL, forum: v.FORUM_URL },
    trustedHops: v.TRUSTED_HOPS,
    logLevel: v.LOG_LEVEL,
    instance: v.INSTANCE,
  };
}
export type Config = ReturnType<typeof loadConfig>;
