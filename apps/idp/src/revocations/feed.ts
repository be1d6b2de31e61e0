import { acknowledgeForFeed, type Log } from '@portcullis/revocation';
import type { Redis } from 'ioredis';
import type { ClientDirectory } from '#clients/directory.ts';
import { createPool, type DatabaseConfig } from '#database/orm.ts';
import type { JwtSigner } from '#signing-keys/jwt-signer.ts';
import { listenForPublications } from './feed-bell.ts';
import { watchKeys } from './feed-keys.ts';
import { createFeedLedger } from './feed-ledger.ts';
import { feedRoutes } from './feed-routes.ts';
import { createFeed } from './feed-service.ts';

type Deps = {
  issuer: string;
  database: DatabaseConfig;
  redis: Redis;
  clients: ClientDirectory;
  signer: JwtSigner;
  /** Of the keys in the JWKS. */
  kids: () => Promise<string[]>;
  log: Log;
};

/** Follows the ledger from now on. `reload` at every change of keys; `close` ends the streams before the server waits for them. */
export function startFeed({ issuer, database, redis, clients, signer, kids, log }: Deps) {
  const pool = createPool({ ...database, poolSize: 3 }); // its own, so that load elsewhere does not look like silence
  const ledger = createFeedLedger(pool);
  const bell = (onEntries: Parameters<typeof listenForPublications>[1]) => listenForPublications(redis, onEntries);
  const feed = createFeed({ issuer, ledger, clients, sign: signer.sign, log, bell });
  const { reload } = watchKeys({ kids, onChange: feed.keysChanged });
  const routes = feedRoutes({ feed, clients, acknowledge: (app, said) => acknowledgeForFeed(redis, app, said) });
  return { routes, reload, close: feed.close, [Symbol.asyncDispose]: dispose };

  async function dispose(): Promise<void> {
    await feed[Symbol.asyncDispose]();
    await pool.end();
  }
}
