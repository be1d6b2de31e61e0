import { defineEntity, p } from '@mikro-orm/core';
import type { Cause } from '@portcullis/revocation';

const WebhookSchema = defineEntity({
  name: 'Webhook',
  tableName: 'webhook',
  properties: {
    id: p.uuid().primary(),
    name: p.string().unique(),
    url: p.string().length(2048),
    /** Compact JWE of the signing secret, under the key from the environment. */
    secret: p.text(),
    /** Only these; null: every cause. */
    causes: p.array<Cause>().strictNullable(),
    enabled: p.boolean(),
    createdAt: p.datetime(3),
    createdBy: p.text().strictNullable(),
  },
});

/** An address of an operator's that is told of revocations. */
export class Webhook extends WebhookSchema.class {}
WebhookSchema.setClass(Webhook);
