import { defineEntity, p, PrimaryKeyProp } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';
import { Client } from '#clients/entity.ts';

const ConsentSchema = defineEntity({
  name: 'Consent',
  tableName: 'consent',
  properties: {
    account: () => p.manyToOne(Account).primary().deleteRule('cascade').index(false),
    client: () => p.manyToOne(Client).primary().deleteRule('cascade').index(false),
    /** Of OpenID Connect. */
    scopes: p.array(),
    resources: p.array(),
    /** Since when it is allowed something. */
    givenAt: p.datetime().defaultRaw('now()'),
    /** When a session last entered the application with it. */
    lastUsedAt: p.datetime().defaultRaw('now()'),
  },
});

/** What an account allows the application of somebody else, until it takes it back. */
export class Consent extends ConsentSchema.class {
  override [PrimaryKeyProp]?: ['account', 'client'];
}
ConsentSchema.setClass(Consent);
