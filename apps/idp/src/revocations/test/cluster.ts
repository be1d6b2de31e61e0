/** One PostgreSQL database, one Redis, and as many IdP nodes over them as a test asks for; nodes are the real services without HTTP. */
import { randomUUID } from 'node:crypto';
import {
  createMirror,
  createPublisher,
  redisSource,
  type Mirror,
  type Publisher,
  type TokenClaims,
} from '@portcullis/revocation';
import { freshDatabase, startRedis, unique, type TestRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { createBans } from '#bans/service.ts';
import { connect, createPool } from '#database/orm.ts';
import { startReconciler } from '#revocations/reconciler.ts';
import { createChannels } from '#revocations/channels.ts';
import { createPost } from '#mail/post.ts';
import { createOutbox, migrateOutbox } from '#revocations/outbox.ts';
import { createLedger } from '#revocations/service.ts';
import { createSessions } from '#sessions/service.ts';

type NodeOptions = {
  now?: () => Date;
  /** Patient unless said otherwise: a crowded machine is not what most tests are about. */
  answerWithinMs?: number;
  /** Puts a fault between the node and Redis. */
  disturb?: (publisher: Publisher) => Publisher;
};
export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export async function startCluster() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await freshDatabase());
  const redis: TestRedis = opened.use(await startRedis());
  const config = { url: database.url, poolSize: 4 };
  const orm = opened.adopt(connect(config), (o) => o.close());
  await orm.migrator.up();
  const pool = opened.adopt(createPool(config), (o) => o.end());
  await migrateOutbox(pool);
  const direct = opened.adopt(redisClient(redis.url), (client) => client.disconnect());
  const owned = opened.move();

  return {
    databaseUrl: database.url,
    redis,
    direct,
    pool,
    em: () => orm.em.fork(),
    node,
    mirror,
    signedIn,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  function node(options: NodeOptions = {}) {
    const { now = () => new Date(), answerWithinMs = 10_000, disturb = (publisher: Publisher) => publisher } = options;
    const nodePool = owned.adopt(createPool(config), (o) => o.end());
    const client = owned.adopt(redisClient(redis.url), (o) => o.disconnect());
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (_details: object, message: string) => void warnings.push(message) };
    const publisher = disturb(createPublisher(client));
    const outbox = owned.use(createOutbox({ pool: nodePool, log }));
    const ledger = createLedger({
      orm,
      channels: createChannels({ outbox: outbox.deliveries }),
      pool: nodePool,
      publisher,
      log,
      now,
      answerWithinMs,
    });
    return {
      ledger,
      post: createPost({ queue: outbox.mail }),
      warnings,
      bans: createBans({ ledger, reader: nodePool, now }),
      sessions: createSessions({ ledger, pool: nodePool, now }),
      reconciler: () => startReconciler({ ledger, intervalMs: 50 }),
    };
  }

  /** A verifier that has loaded what Redis holds at this moment. */
  async function mirror(): Promise<Mirror & { refuses: (token: TokenClaims) => boolean }> {
    const made = owned.use(
      createMirror({ source: redisSource({ url: redis.url }), app: 'test', instance: unique('mirror') }),
    );
    await made.ready();
    return { ...made, refuses: (token) => made.check(token).state === 'revoked' };
  }

  /** A person with an SSO session that has been to the shop: every kind of row that lets somebody in. */
  async function signedIn(accountId: string = randomUUID(), clientId = 'shop') {
    const [uid, grantId] = [unique('session'), unique('grant')];
    await pool.query(
      `insert into sso_session (uid, id_hash, account_id, payload, expires_at) values ($1, $1, $2, '{}', now() + interval '1 day')`,
      [uid, accountId],
    );
    await pool.query(
      `insert into oidc_grant (id, account_id, client_id, session_uid, payload, expires_at) values ($1, $2, $3, $4, '{}', now() + interval '1 day')`,
      [grantId, accountId, clientId, uid],
    );
    await pool.query(
      `insert into refresh_family (id, grant_id, rotation, payload, expires_at) values ($1, $2, 0, '{}', now() + interval '1 day')`,
      [unique('token'), grantId],
    );
    const token = { sub: accountId, sid: `${uid}.${grantId}`, client_id: clientId, jti: randomUUID(), iat: epochNow() };
    return { accountId, uid, grantId, token };
  }
}

export function epochNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** As the nodes of the IdP have it: fails instead of waiting, and is back soon after Redis is. */
function redisClient(url: string): Redis {
  const client = new Redis(url, {
    commandTimeout: 1000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 50,
  });
  client.on('error', () => {}); // tests take Redis away on purpose
  return client;
}
