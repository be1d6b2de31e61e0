import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

/** Refresh token families go with their grant. */
const tables = ['oidc_grant', 'sso_session', 'single_use_token', 'trusted_device'] as const;
const batchRows = 5000;
/** Expired rows answer nothing; they stay this long so that a refusal can still say "already used". */
const keep = '1 hour';

/**
 * Deletes what has expired, in batches that other statements can slip between; nodes skip each other's rows.
 * One turn a minute, with jitter.
 */
export function startSweep({ pool, onError }: { pool: Pool; onError: (error: unknown) => void }): AsyncDisposable {
  const stop = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await delay(60_000 * (0.8 + Math.random() * 0.4), undefined, { signal: stop.signal }).catch(() => {});
      if (!stop.signal.aborted) await sweep(pool, stop.signal).catch(onError);
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

export async function sweep(pool: Pool, signal?: AbortSignal): Promise<void> {
  for (const table of tables) {
    let deleted = batchRows;
    while (deleted === batchRows && !signal?.aborted) {
      const { rowCount } = await pool.query(
        `delete from ${table} where ctid = any (array(
           select ctid from ${table} where expires_at < now() - interval '${keep}' limit ${batchRows} for update skip locked))`,
      );
      deleted = rowCount ?? 0;
    }
  }
}
