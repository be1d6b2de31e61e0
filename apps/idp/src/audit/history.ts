/** The audit log as it is read: page by page, or whole. */
import type { Pool } from 'pg';

export type AuditRecord = {
  id: string;
  at: Date;
  /** `name` where it is an account that exists; null: the system by itself. */
  actor: { id: string; name: string | null } | null;
  action: string;
  account: { id: string; email: string | null } | null;
  clientId: string | null;
  detail: Record<string, unknown>;
};
export type AuditFilter = {
  action?: string;
  actor?: string;
  accountId?: string;
  clientId?: string;
  from?: Date;
  /** Exclusive. */
  to?: Date;
};
/** Where a page begins: after the event of that moment and id. */
export type AuditPosition = { at: Date; id: string };
export type AuditHistory = ReturnType<typeof createAuditHistory>;

/** Rows fetched at a time: what an export holds in memory. */
const batch = 1000;

export function createAuditHistory(pool: Pick<Pool, 'query'>) {
  return { page, all };

  /** The newest first. */
  function page(filter: AuditFilter, o: { after?: AuditPosition; limit: number }): Promise<AuditRecord[]> {
    return read(filter, { ...o, direction: 'desc' });
  }

  /** Every event there is when it begins, the oldest first; the next rows are read when these have been taken. */
  async function* all(filter: AuditFilter): AsyncGenerator<AuditRecord[]> {
    const { to = new Date() } = filter;
    let after: AuditPosition | undefined;
    do {
      const rows = await read({ ...filter, to }, { limit: batch, direction: 'asc', ...(after && { after }) });
      if (rows.length) yield rows;
      after = rows.length === batch ? rows.at(-1) : undefined;
    } while (after);
  }

  async function read(
    { action, actor, accountId, clientId, from, to }: AuditFilter,
    { after, limit, direction }: { after?: AuditPosition; limit: number; direction: 'asc' | 'desc' },
  ): Promise<AuditRecord[]> {
    const values: unknown[] = [];
    const place = (value: unknown): string => `$${values.push(value)}`;
    const asked: [string, unknown][] = [
      ['e.action =', action],
      ['e.actor =', actor],
      ['e.account_id =', accountId],
      ['e.client_id =', clientId],
      ['e.at >=', from],
      ['e.at <', to],
    ];
    const where = asked.flatMap(([test, value]) => (value === undefined ? [] : [`${test} ${place(value)}`]));
    if (after) where.push(`(e.at, e.id) ${direction === 'asc' ? '>' : '<'} (${place(after.at)}, ${place(after.id)})`);
    const { rows } = await pool.query<AuditRecord>(
      `${columns} ${where.length ? `where ${where.join(' and ')}` : ''}
       order by e.at ${direction}, e.id ${direction} limit ${place(limit)}`,
      values,
    );
    return rows;
  }
}

/** An actor is a text; only one that has the form of an account's id is looked up. */
const columns = `
  select e.id, e.at, e.action, e.client_id as "clientId", e.detail,
         case when e.actor is not null then json_build_object('id', e.actor, 'name', actor.name) end as actor,
         case when e.account_id is not null then json_build_object('id', e.account_id, 'email', a.email) end as account
  from audit_event e
  left join account a on a.id = e.account_id
  left join account actor on actor.id =
    case when e.actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then e.actor::uuid end`;
