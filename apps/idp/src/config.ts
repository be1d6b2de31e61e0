import { parseEnv, Secret, secret, secretList } from '@portcullis/config';
import { z } from 'zod';

/** Seconds an access token lives: the ceiling on staleness when everything else fails. */
export const accessTokenSeconds = 300;

/** The environment is read here and nowhere else; the rest of the app receives this value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const v = parseEnv(
    {
      /** The issuer identifier, and the base of every URL we hand out. An origin without a path; https outside of localhost. */
      ISSUER: z.url().refine(isIssuer, 'an https:// origin without path (http:// only for localhost)'),
      PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
      /** How many proxies of ours stand in front: that many right-most X-Forwarded-For entries are believed. 0: none is. */
      TRUSTED_HOPS: z.coerce.number().int().min(0).default(0),
      DATABASE_URL: z.url(),
      /** Connections to PostgreSQL per node, for the hot path and for the rest each. */
      DATABASE_POOL_SIZE: z.coerce.number().int().positive().default(10),
      REDIS_URL: z.url(),
      /** Keys that sign cookies and CSRF tokens, newest first; at least 32 characters each, comma separated. */
      COOKIE_KEYS: secretList(32),
      /** Encrypts signing keys and other secrets at rest; at least 32 characters. Losing it loses the signing keys. */
      ENCRYPTION_KEY: secret(32),
      /** The one audience the family of applications shares (RFC 8707 resource indicator). */
      FAMILY_RESOURCE: z.url().default('urn:portcullis:family'),
      /** Accounts with one of these roles never sign in without a second factor; comma separated. */
      SECOND_FACTOR_ROLES: z.string().default('').transform(listOf),
      /** Whether a mailed code may stand in for a second factor, for accounts that have none of their own. */
      EMAIL_CODES: z.stringbool().default(true),
      /** Where letters go: `smtp://name:password@host:587` (STARTTLS where offered, `?requireTLS=true` insists) or `smtps://`. Without it they wait. */
      SMTP_URL: z
        .url({ protocol: /^smtps?$/ })
        .transform((url) => new Secret(url))
        .optional(),
      /** The address letters come from; no-reply at the issuer's host unless said. */
      MAIL_FROM: z.email().optional(),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
      /** Names this node in logs. */
      INSTANCE: z.string().default(`idp-${process.pid}`),
    },
    env,
  );
  const issuer = new URL(v.ISSUER);
  return {
    issuer: issuer.origin,
    http: { port: v.PORT, host: issuer.host, https: issuer.protocol === 'https:', trustedHops: v.TRUSTED_HOPS },
    database: { url: v.DATABASE_URL, poolSize: v.DATABASE_POOL_SIZE },
    redis: { url: v.REDIS_URL },
    cookies: { keys: v.COOKIE_KEYS },
    encryptionKey: v.ENCRYPTION_KEY,
    familyResource: v.FAMILY_RESOURCE,
    secondFactorRoles: v.SECOND_FACTOR_ROLES,
    emailCodes: v.EMAIL_CODES,
    mail: { smtpUrl: v.SMTP_URL, from: v.MAIL_FROM ?? `no-reply@${issuer.hostname}` },
    log: { level: v.LOG_LEVEL },
    instance: v.INSTANCE,
  };
}
export type Config = ReturnType<typeof loadConfig>;

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

function isIssuer(value: string): boolean {
  const { protocol, hostname, pathname, search, hash } = new URL(value);
  const mayBePlain = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && mayBePlain)) && pathname === '/' && !search && !hash;
}
