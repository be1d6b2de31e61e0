import type { EntityManager } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Context, Middleware } from 'koa';
import { Pool } from 'pg';
import { entities } from './entities.ts';

export type DatabaseConfig = { url: string; poolSize: number; patienceMs?: number };

/** Everything a person edits goes through here. The connection is lazy: nothing is opened before the first query. */
export function connect(database: DatabaseConfig): MikroORM {
  return new MikroORM({
    entities,
    clientUrl: database.url,
    extensions: [Migrator],
    pool: { min: 0, max: database.poolSize },
    ensureDatabase: false, // it asks in the background, and crashes a process that has closed the connection by then
    migrations: {
      path: new URL('../../../../migrations', import.meta.url).pathname,
      glob: '*.ts',
      snapshot: false,
      tableName: 'migration',
      silent: true,
    },
    schemaGenerator: { skipViews: ['account_for_tokens'] }, // read by our own statements only
  });
}

/**
 * The hot path: prepared statements without an identity map.
 * A statement that waits longer than a second (`patienceMs`) for a connection, or runs longer than five, fails: the
 * caller answers 503 (F-10, F-12).
 */
export function createPool({ url, poolSize, patienceMs = 1000 }: DatabaseConfig): Pool {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: patienceMs,
    statement_timeout: 5000,
    idleTimeoutMillis: 30_000,
    application_name: 'portcullis',
  });
  pool.on('error', () => {}); // an idle connection that broke is replaced at the next query, which reports what is wrong
  return pool;
}

/** For what nobody waits for: few connections of its own, so that a backlog takes none from those who wait for an answer. */
export function createBackgroundPool({ url }: DatabaseConfig): Pool {
  return createPool({ url, poolSize: 3, patienceMs: 10_000 });
}

/**
 * Gives a handler its own EntityManager: one request, one identity map, one unit of work.
 * It is a parameter and not `ctx.em`, so a handler that was not given one does not compile.
 */
export function unitOfWork(orm: MikroORM) {
  return (handle: (ctx: Context, em: EntityManager) => Promise<void>): Middleware =>
    (ctx) =>
      handle(ctx, orm.em.fork());
}
export type UnitOfWork = ReturnType<typeof unitOfWork>;
