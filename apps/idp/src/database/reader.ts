import pg, { type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import type { DatabaseConfig } from './orm.ts';

export type Reader = { query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> };

/**
 * One connection for the reads of the hot path, on which statements follow each other without waiting for answers
 * (PostgreSQL's pipeline mode): half the cost of a pool, where each statement pays for its own round trip. Reads take no
 * locks, so none holds up those behind it. A connection that breaks or hangs is replaced at the next statement.
 */
export function createReader({ url, patienceMs = 1000 }: DatabaseConfig): Reader & AsyncDisposable {
  let connection: Promise<pg.Client> | undefined;
  return {
    async query(statement) {
      connection ??= open();
      return (await connection).query(statement);
    },
    async [Symbol.asyncDispose]() {
      await (await connection?.catch(() => undefined))?.end();
    },
  };

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      connectionTimeoutMillis: patienceMs,
      query_timeout: 5000,
      application_name: 'portcullis reads',
    });
    const forget = (): void => void (connection = undefined);
    client.on('error', forget).on('end', forget);
    try {
      await client.connect();
      return client;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
