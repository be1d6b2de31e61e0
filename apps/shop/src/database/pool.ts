import { readFileSync } from 'node:fs';
import { Pool } from 'pg';

const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');

/** A pool over a database that has this version's tables. Several instances may start at once: the lock lets one create, the rest find everything there. */
export async function openDatabase(url: string): Promise<Pool> {
  const pool = new Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 3_000 });
  pool.on('error', () => {}); // an idle connection broke: the pool drops it, and the next query or the health check tells
  try {
    await pool.query(`select pg_advisory_xact_lock(hashtext('schema')); ${schema}`); // one message, so one transaction
  } catch (error) {
    await pool.end();
    throw error;
  }
  return pool;
}
