import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type FreshDatabase = { url: string } & AsyncDisposable;

/**
 * A new database on the server that DATABASE_URL names, dropped on dispose even while something is still connected.
 * With `template` it starts as a copy of that database (which nobody may be connected to).
 */
export async function freshDatabase(o: { template?: string } = {}): Promise<FreshDatabase> {
  const server = process.env['DATABASE_URL'];
  if (!server)
    throw new Error('DATABASE_URL is not set: `npm test` sets it; or name a PostgreSQL you may create databases on');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = o.template ? ` template ${pg.escapeIdentifier(o.template)}` : '';
  await run(server, `create database ${name}${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => run(server, `drop database if exists ${name} with (force)`),
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
