import { defineEntity, p } from '@mikro-orm/core';

const AuditEventSchema = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  indexes: [
    { name: 'audit_event_by_time', properties: ['at', 'id'] },
    { name: 'audit_event_by_account', properties: ['accountId', 'at', 'id'] },
    { name: 'audit_event_by_action', properties: ['action', 'at', 'id'] },
    { name: 'audit_event_by_actor', properties: ['actor', 'at', 'id'] },
    { name: 'audit_event_by_client', properties: ['clientId', 'at', 'id'] },
  ],
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(3),
    /** An account id, `cli:<name>`, or null when the system acted by itself. */
    actor: p.text().strictNullable(),
    action: p.text(),
    accountId: p.uuid().strictNullable(),
    clientId: p.text().strictNullable(),
    detail: p.json<Record<string, unknown>>(),
  },
});

/** One thing that was done, by whom, to whom. Written once, never changed. No foreign keys: history outlives what it speaks of. */
export class AuditEvent extends AuditEventSchema.class {}
AuditEventSchema.setClass(AuditEvent);
