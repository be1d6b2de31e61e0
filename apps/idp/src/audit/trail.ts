/** The audit log as an operator reads it along. */
import type { Pool } from 'pg';

export type AuditFilter = {
  accountId?: string;
  client?: string;
  /** A whole name, or its part before a dot. */
  action?: string;
  actor?: string;
  since?: Date;
  until?: Date;
};
export type AuditLine = {
  id: string;
  at: Date;
  actor: string | null;
  action: string;
  accountId: string | null;
  /** Its e-mail, while it exists. */
  account: string | null;
  clientId: string | null;
  detail: Record<string, unknown>;
};

/** An event is stamped before its transaction commits: whoever reads along looks this far back for latecomers. */
const latecomersMs = 15_000;
const batch = 100_000;

export function createAuditTrail(pool: Pick<Pool, 'query'>) {
  return { latest, follow };

  /** The last `limit` events, oldest first. */
  async function latest(filter: AuditFilter, limit: number): Promise<AuditLine[]> {
    return (await read(filter, 'desc', limit)).toReversed();
  }

  /** What is recorded from now on, for ever; `turn` says when to look again. */
  async function* follow(filter: AuditFilter, turn: () => Promise<unknown>): AsyncGenerator<AuditLine> {
    let since = new Date(Date.now() - latecomersMs);
    let seen = new Set((await read({ ...filter, since }, 'asc', batch)).map(({ id }) => id));
    for (;;) {
      await turn();
      const next = new Date(Date.now() - latecomersMs);
      const found = await read({ ...filter, since }, 'asc', batch);
      for (const line of found) if (!seen.has(line.id)) yield line;
      seen = new Set(found.map(({ id }) => id));
      const last = found.length === batch ? found.at(-1) : undefined;
      since = last && last.at < next ? last.at : next;
    }
  }

  async function read(filter: AuditFilter, order: 'asc' | 'desc', limit: number): Promise<AuditLine[]> {
    const { accountId, client, action, actor, since, until } = filter;
    const { rows } = await pool.query<AuditLine>(
      `select e.id, e.at, e.actor, e.action, e.account_id as "accountId", a.email as account,
              e.client_id as "clientId", e.detail
       from audit_event e left join account a on a.id = e.account_id
       where ($1::uuid is null or e.account_id = $1) and ($2::text is null or e.client_id = $2)
         and ($3::text is null or e.action = $3 or starts_with(e.action, $3 || '.'))
         and ($4::text is null or e.actor = $4)
         and ($5::timestamptz is null or e.at >= $5) and ($6::timestamptz is null or e.at < $6)
       order by e.at ${order}, e.id ${order} limit $7`,
      [accountId, client, action, actor, since, until, limit].map((value) => value ?? null),
    );
    return rows;
  }
}
