import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const PasskeySchema = defineEntity({
  name: 'Passkey',
  tableName: 'passkey',
  properties: {
    id: p.uuid().primary(),
    account: () => p.manyToOne(Account).deleteRule('cascade').index(),
    /** What the authenticator calls it, base64url; up to 1,023 bytes. */
    credentialId: p.string().length(1364).unique(),
    /** What the authenticator calls the account: 32 bytes that say nothing of it, base64url; the same for all its passkeys. */
    userHandle: p.string().length(43),
    /** COSE. */
    publicKey: p.blob(),
    /** How often the authenticator says it signed; 0: it does not count. */
    counter: p.bigint('number'),
    transports: p.array().columnType('text[]').default([]),
    name: p.string(),
    /** Kept by a password manager or a platform account, and not by one device alone. */
    synced: p.boolean(),
    /** It verified its user and can be found without a name: enough to sign in with nothing else. */
    standsAlone: p.boolean(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
  },
});

/** A key pair whose private half is with a person's authenticator (WebAuthn Level 3, "public key credential source"). */
export class Passkey extends PasskeySchema.class {}
PasskeySchema.setClass(Passkey);
