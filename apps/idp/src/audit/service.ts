import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { AuditEvent } from './entity.ts';

export type NewAuditEvent = {
  at: Date;
  actor: string | null;
  action: string;
  accountId?: string;
  clientId?: string;
  detail?: Record<string, unknown>;
};

/** Adds the event to the caller's unit of work: it is flushed with the act it tells of, or neither happens. */
export function record(em: EntityManager, event: NewAuditEvent): AuditEvent {
  return em.create(AuditEvent, {
    id: randomUUID(),
    at: event.at,
    actor: event.actor,
    action: event.action,
    accountId: event.accountId ?? null,
    clientId: event.clientId ?? null,
    detail: event.detail ?? {},
  });
}

/** Whether any of these was done to the account after this moment: what was asked for then may not be wanted any more. */
export async function happenedSince(
  em: EntityManager,
  { accountId, since, actions }: { accountId: string; since: Date; actions: string[] },
): Promise<boolean> {
  return (await em.count(AuditEvent, { accountId, action: { $in: actions }, at: { $gt: since } })) > 0;
}

export type AuditLog = ReturnType<typeof createAuditLog>;

/** For what changes nothing else: one prepared statement, no unit of work. */
export function createAuditLog(pool: Pick<Pool, 'query'>) {
  return { append, appendUnlessRecent };

  async function append({ at, actor, action, accountId, clientId, detail = {} }: NewAuditEvent): Promise<void> {
    await pool.query({
      name: 'audit-append',
      text: `insert into audit_event (id, at, actor, action, account_id, client_id, detail)
             values (gen_random_uuid(), $1, $2, $3, $4, $5, $6)`,
      values: [at, actor, action, accountId ?? null, clientId ?? null, JSON.stringify(detail)],
    });
  }

  /** Unless the same actor did the same to the same account within the last five minutes. */
  async function appendUnlessRecent(event: {
    at: Date;
    actor: string;
    action: string;
    accountId: string;
  }): Promise<void> {
    await pool.query({
      name: 'audit-append-unless-recent',
      text: `insert into audit_event (id, at, actor, action, account_id, detail)
             select gen_random_uuid(), $1, $2, $3, $4, '{}'
             where not exists (select from audit_event where account_id = $4 and at > $1::timestamptz - interval '5 minutes'
                               and actor = $2 and action = $3)`,
      values: [event.at, event.actor, event.action, event.accountId],
    });
  }
}
