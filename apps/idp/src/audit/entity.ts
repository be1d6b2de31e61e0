import { defineEntity, p } from '@mikro-orm/core';

const AuditEventSchema = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  indexes: [{ properties: ['accountId', 'at'] }, { properties: ['at'] }],
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
