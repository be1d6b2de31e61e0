import { parseEnv } from '@portcullis/config';
import { createPublisher, type Log } from '@portcullis/revocation';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { createBans } from '#bans/service.ts';
import { createPost } from '#mail/post.ts';
import { createChannels } from '#revocations/channels.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createLedger } from '#revocations/service.ts';
import { createSessions } from '#sessions/service.ts';
import { createCliPasswordPolicy } from './account-creation.ts';
import { openDatabase } from './database.ts';

/** Nobody waits here with a browser, so Redis gets its time before we say "not yet everywhere". */
const answerWithinMs = 5000;

/** What cuts somebody off: PostgreSQL and, if it can be reached, Redis. */
export async function openLedger() {
  const { REDIS_URL } = parseEnv({ REDIS_URL: z.url() }, process.env);
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase());
  const redis = opened.adopt(await reach(REDIS_URL), (client) => client.disconnect());
  const { orm, pool } = database;
  // What goes wrong with Redis is told once, as "not yet everywhere".
  const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
  const outbox = opened.use(createOutbox({ pool, log }));
  const channels = createChannels({ outbox: outbox.deliveries });
  const publisher = createPublisher(redis);
  const ledger = createLedger({ orm, channels, pool, publisher, log, answerWithinMs });
  const owned = opened.move();
  return {
    ...database,
    ledger,
    publisher,
    bans: createBans({ ledger, reader: pool }),
    sessions: createSessions({ ledger, pool }),
    post: createPost({ queue: outbox.mail }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Acts on accounts, on the command line. */
export function openAccountChanges({ ledger, post }: Pick<Awaited<ReturnType<typeof openLedger>>, 'ledger' | 'post'>) {
  return createAccountChanges({ ledger, post, passwords: createPasswords(), policy: createCliPasswordPolicy() });
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
