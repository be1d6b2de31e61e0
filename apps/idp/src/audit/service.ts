import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
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
