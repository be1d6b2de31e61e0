import { defineEntity, p, PrimaryKeyProp } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const KnownPlaceSchema = defineEntity({
  name: 'KnownPlace',
  tableName: 'known_place',
  properties: {
    account: () => p.manyToOne(Account).primary().deleteRule('cascade').index(false),
    /** ISO 3166-1 alpha-2. */
    country: p.string().length(2).primary(),
    firstSeenAt: p.datetime(),
    lastSeenAt: p.datetime(),
  },
});

/** A country that an account has signed in from. */
export class KnownPlace extends KnownPlaceSchema.class {
  override [PrimaryKeyProp]?: ['account', 'country'];
}
KnownPlaceSchema.setClass(KnownPlace);
