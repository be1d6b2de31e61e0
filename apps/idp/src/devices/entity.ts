import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const KnownDeviceSchema = defineEntity({
  name: 'KnownDevice',
  tableName: 'known_device',
  properties: {
    id: p.uuid().primary(),
    account: () => p.manyToOne(Account).deleteRule('cascade').index(),
    /** SHA-256 of the account and of what the browser's cookie holds for it. */
    tokenHash: p.string().length(64).unique(),
    userAgent: p.text().strictNullable(),
    firstSeenAt: p.datetime(),
    lastSeenAt: p.datetime(),
  },
});

/** A browser that an account has signed in with. */
export class KnownDevice extends KnownDeviceSchema.class {}
KnownDeviceSchema.setClass(KnownDevice);
