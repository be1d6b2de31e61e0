import type { Pool } from 'pg';

export type SeedInput = {
  pool: Pool;
  count: number;
  /** The hash all of them share, from `passwords.hash`: a million of their own would take hours. */
  passwordHash: string;
  /** How many of `count` are done. */
  onProgress?: (done: number) => void;
};

/**
 * Makes `person-1@load.example` … `person-<count>@load.example`, for measuring at size; some tens of thousands a second.
 * Each slice is its own transaction and accounts that exist are left alone, so it can be run again or interrupted.
 * Returns how many were made.
 */
export async function seedAccounts({ pool, count, passwordHash, onProgress }: SeedInput): Promise<number> {
  const slice = 20_000;
  let made = 0;
  for (let done = 0; done < count; done += slice) {
    const until = Math.min(done + slice, count);
    const { rowCount } = await pool.query(seedSql, [done + 1, until, passwordHash]);
    made += rowCount ?? 0;
    onProgress?.(until);
  }
  await pool.query('analyze account'); // until then the planner thinks the table is small
  return made;
}

const seedSql = `
  insert into account (id, email, email_normalized, email_verified, name, password_hash, password_changed_at, created_at)
  select gen_random_uuid(), email, email, true, 'Person ' || n, $3, now(), now()
  from generate_series($1::int, $2::int) as n, lateral (select 'person-' || n || '@load.example' as email)
  on conflict do nothing`;
