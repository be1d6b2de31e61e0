import { hostname } from 'node:os';
import { secret, secretList } from '@portcullis/config';
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
  /** Where the denylist is. */
  REDIS_URL: z.url(),
  /** How many proxies of ours stand in front. */
  TRUSTED_HOPS: z.coerce.number().int().min(0).default(0),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Names this instance in logs, and to the denylist. */
  INSTANCE: z.string().default(hostname()),
};

export type Settings = ReturnType<typeof settingsOf>;

export function settingsOf(v: z.infer<z.ZodObject<typeof settingsShape>>) {
  const baseUrl = new URL(v.BASE_URL);
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
    redisUrl: v.REDIS_URL,
    trustedHops: v.TRUSTED_HOPS,
    logLevel: v.LOG_LEVEL,
    instance: v.INSTANCE,
  };
}
