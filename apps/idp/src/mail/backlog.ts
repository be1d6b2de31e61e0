import type { Pool } from 'pg';
import { jobTable } from '#revocations/outbox.ts';

export type LettersWaiting = { waiting: number; retrying: number };
export type Backlog = () => Promise<LettersWaiting>;

/** Counts the letters that nobody has sent yet. */
export function createBacklog(pool: Pick<Pool, 'query'>): Backlog {
  return async () => {
    const { rows } = await pool.query<LettersWaiting>(
      `select count(*) filter (where state = 'created')::int as waiting,
              count(*) filter (where state = 'retry')::int as retrying
       from ${jobTable.name} where name = $1 and state < 'active'`,
      [jobTable.mail],
    );
    return rows[0] ?? { waiting: 0, retrying: 0 };
  };
}
