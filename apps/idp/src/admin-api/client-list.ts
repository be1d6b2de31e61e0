import type { Pool } from 'pg';

export type ListedClient = { id: string; name: string; disabledAt: Date | null };
export type ClientList = ReturnType<typeof createClientList>;

/** All registered applications, those that are switched off included. */
export function createClientList(pool: Pick<Pool, 'query'>) {
  return { all, knows };

  async function all(): Promise<ListedClient[]> {
    const { rows } = await pool.query<ListedClient>(
      'select id, name, disabled_at as "disabledAt" from client order by name, id',
    );
    return rows;
  }

  /** Whether there is an application of each of these ids. */
  async function knows(ids: string[] = []): Promise<boolean> {
    if (!ids.length) return true;
    const { rows } = await pool.query('select 1 from client where id = any ($1)', [ids]);
    return rows.length === ids.length;
  }
}
