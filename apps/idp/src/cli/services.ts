/** What commands work with, made from the environment: the services of the provider without its HTTP side. */
import { userInfo } from 'node:os';
import { parseEnv, secret } from '@portcullis/config';
import { createPublisher, type Log } from '@portcullis/revocation';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { createAccountLookup } from '#accounts/lookup.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { createAccounts } from '#accounts/service.ts';
import { createBans } from '#bans/service.ts';
import { connect, createPool } from '#database/orm.ts';
import { createLedger } from '#revocations/service.ts';
import { createSessions } from '#sessions/service.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';

/** Nobody waits here with a browser, so Redis gets its time before we say "not yet everywhere". */
const answerWithinMs = 5000;

/** Who did it, for the audit log. */
export function actor(): string {
  return `cli:${userInfo().username}`;
}

/** PostgreSQL alone. */
export async function openDatabase() {
  const { DATABASE_URL: url } = parseEnv({ DATABASE_URL: z.url() }, process.env);
  const config = { url, poolSize: 4 };
  await using opened = new AsyncDisposableStack();
  const orm = opened.adopt(connect(config), (open) => open.close());
  orm.config.set('migrations', { ...orm.config.get('migrations'), silent: true });
  const pool = opened.adopt(createPool(config), (open) => open.end());
  const owned = opened.move();
  return { url, orm, pool, em: orm.em.fork(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** PostgreSQL and, if it can be reached, Redis: what cuts somebody off. */
export async function openLedger() {
  const { REDIS_URL } = parseEnv({ REDIS_URL: z.url() }, process.env);
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase());
  const redis = opened.adopt(await reach(REDIS_URL), (client) => client.disconnect());
  const { orm, pool } = database;
  // What goes wrong with Redis is told once, as "not yet everywhere".
  const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
  const ledger = createLedger({ orm, pool, publisher: createPublisher(redis), log, answerWithinMs });
  const owned = opened.move();
  return {
    ...database,
    bans: createBans({ ledger, pool }),
    sessions: createSessions({ ledger, pool }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Accounts as far as the command line needs them: it makes them, it signs nobody in. */
export async function openAccounts() {
  const database = await openDatabase();
  const accounts = createAccounts({
    lookup: createAccountLookup(database.pool),
    passwords: createPasswords(),
    throttle: { reserve: () => Promise.reject(new Error('nobody signs in on the command line')) },
    bans: { active: () => Promise.resolve(undefined) },
    now: () => new Date(),
  });
  return { ...database, create: accounts.create };
}

export async function openSigningKeys() {
  const { ENCRYPTION_KEY } = parseEnv({ ENCRYPTION_KEY: secret(32) }, process.env);
  const keys = createSigningKeys({ sealer: createSealer(ENCRYPTION_KEY) });
  return { ...(await openDatabase()), keys };
}

/** One try: an absent Redis must not keep an operator from banning somebody. */
async function reach(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: 1000,
    commandTimeout: 2000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  await redis.connect().catch(() => {});
  return redis;
}
