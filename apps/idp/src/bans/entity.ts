import { defineEntity, p } from '@mikro-orm/core';

const BanSchema = defineEntity({
  name: 'Ban',
  tableName: 'ban',
  indexes: [
    { properties: ['accountId', 'bannedAt'] },
    { name: 'ban_by_time', properties: ['bannedAt', 'id'] },
    { name: 'ban_open_by_time', properties: ['bannedAt', 'id'], where: 'lifted_at is null' },
    { name: 'ban_open', properties: ['until', 'accountId'], where: 'lifted_at is null' },
  ],
  properties: {
    id: p.uuid().primary(),
    accountId: p.uuid(),
    /** null: everywhere, and then sign-in itself is refused. */
    clientIds: p.array().strictNullable(),
    /** Internal; never shown to the person. */
    reason: p.text(),
    /** Shown to the person after the right password. */
    message: p.text().strictNullable(),
    bannedAt: p.datetime(3),
    bannedBy: p.text().strictNullable(),
    /** A whole second from which the ban no longer holds; null: until lifted. */
    until: p.datetime(0).strictNullable(),
    /** A whole second too: from then on the person may sign in. */
    liftedAt: p.datetime(0).strictNullable(),
    liftedBy: p.text().strictNullable(),
    /** The ledger entries this ban stands on: one, or one per named client. */
    revocationIds: p.array(),
  },
});

/** Somebody shut an account out, everywhere or from named applications. Bans of one account stack; any one in force is enough. */
export class Ban extends BanSchema.class {}
BanSchema.setClass(Ban);
