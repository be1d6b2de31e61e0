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
      /** Libuv's own variable: threads that hash passwords, all but two of them, and sign tokens. Two more than cores, and every core can hash; with the usual four, two can. */
      UV_THREADPOOL_SIZE: z.coerce.number().int().min(1).max(1024).default(4),
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
      /** The range API of Have I Been Pwned (`https://api.pwnedpasswords.com/range`) or one like it: passwords known from a breach are refused. Not asked unless set. */
      BREACHED_PASSWORDS_URL: z.url({ protocol: /^https?$/ }).optional(),
      /** Where letters go: `smtp://name:password@host:587` (STARTTLS where offered, `?requireTLS=true` insists) or `smtps://`. Without it they wait. */
      SMTP_URL: z
        .url({ protocol: /^smtps?$/ })
        .transform((url) => new Secret(url))
        .optional(),
      /** The address letters come from; no-reply at the issuer's host unless said. */
      MAIL_FROM: z.email().optional(),
      /** Whose sign-in this is, in pages, mails and authenticator apps. */
      BRAND_NAME: z.string().trim().min(1).max(60).default('Portcullis'),
      /** The logo over every page: the path of an SVG, PNG, JPEG or WebP file on this machine, or an https address. Ours unless said. */
      BRAND_LOGO: z
        .string()
        .regex(/^https:|\.(svg|png|jpe?g|webp)$/, 'an https:// address or the path of an svg, png, jpg or webp file')
        .optional(),
      /** The hue of buttons and links, in degrees of the OKLCH colour wheel (25 red, 145 green, 260 blue). Ours unless said. */
      BRAND_HUE: z.coerce.number().int().min(0).max(360).optional(),
      /** Where people find help, what is done with their data, and on which terms: links at the foot of every page. */
      SUPPORT_URL: z.url({ protocol: /^(https?|mailto)$/ }).optional(),
      PRIVACY_URL: z.url({ protocol: /^https?$/ }).optional(),
      TERMS_URL: z.url({ protocol: /^https?$/ }).optional(),
      /** Where a network address is, for "new place" letters and lists of sessions: the path of a country or city database in MMDB format. A country database comes along, as old as the release; a node reads the file when it starts. */
      GEOIP_DATABASE: z.string().optional(),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
      /** Days between a person's wish that the account be deleted and its end, in which the person may change their mind. */
      DELETION_GRACE_DAYS: z.coerce.number().int().min(1).max(365).default(14),
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
    threads: v.UV_THREADPOOL_SIZE,
    cookies: { keys: v.COOKIE_KEYS },
    encryptionKey: v.ENCRYPTION_KEY,
    familyResource: v.FAMILY_RESOURCE,
    secondFactorRoles: v.SECOND_FACTOR_ROLES,
    emailCodes: v.EMAIL_CODES,
    breachedPasswordsUrl: v.BREACHED_PASSWORDS_URL,
    mail: { smtpUrl: v.SMTP_URL, from: v.MAIL_FROM ?? `no-reply@${issuer.hostname}` },
    brand: {
      name: v.BRAND_NAME,
      logo: v.BRAND_LOGO ?? null,
      hue: v.BRAND_HUE ?? null,
      links: { support: v.SUPPORT_URL ?? null, privacy: v.PRIVACY_URL ?? null, terms: v.TERMS_URL ?? null },
    },
    places: { path: v.GEOIP_DATABASE },
    deletionGraceDays: v.DELETION_GRACE_DAYS,
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
