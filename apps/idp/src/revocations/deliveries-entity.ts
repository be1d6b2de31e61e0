import { defineEntity, p } from '@mikro-orm/core';

export type DeliveryChannel = 'backchannel_logout' | 'webhook';

const DeliverySchema = defineEntity({
  name: 'Delivery',
  tableName: 'delivery',
  indexes: [
    { properties: ['revocationId'] },
    { properties: ['channel', 'recipient', 'createdAt'] },
    { properties: ['createdAt'] },
    { name: 'delivery_open', properties: ['attempts'], where: 'delivered_at is null and given_up_at is null' },
  ],
  properties: {
    /** Also the id of its job in the outbox, and the recipient's means to tell a repetition. */
    id: p.uuid().primary(),
    channel: p.text().$type<DeliveryChannel>(),
    /** A client's id or a webhook's name. */
    recipient: p.text(),
    /** null: a test that an operator sent. */
    revocationId: p.uuid().strictNullable(),
    accountId: p.uuid().strictNullable(),
    /** What the recipient is told, without secrets; signed anew at each try. */
    payload: p.json<Record<string, unknown>>(),
    attempts: p.integer().default(0),
    /** Of HTTP; null: there was no answer. */
    lastStatus: p.integer().strictNullable(),
    lastError: p.text().strictNullable(),
    createdAt: p.datetime(3),
    lastAttemptAt: p.datetime(3).strictNullable(),
    deliveredAt: p.datetime(3).strictNullable(),
    givenUpAt: p.datetime(3).strictNullable(),
  },
});

/** One thing to tell one recipient, and the log of how that went. */
export class Delivery extends DeliverySchema.class {}
DeliverySchema.setClass(Delivery);
