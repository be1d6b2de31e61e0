import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '#accounts/entity.ts';

const TotpAuthenticatorSchema = defineEntity({
  name: 'TotpAuthenticator',
  tableName: 'totp_authenticator',
  properties: {
    account: () => p.oneToOne(Account).deleteRule('cascade').primary(),
    /** Sealed. */
    secret: p.text(),
    /** The time step (RFC 6238) of the last code that was accepted: that one and earlier ones are used up. */
    lastStep: p.bigint('number'),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
  },
});

/** An application that shows six digits, after it has proved that it shows the right ones. One per account. */
export class TotpAuthenticator extends TotpAuthenticatorSchema.class {}
TotpAuthenticatorSchema.setClass(TotpAuthenticator);

const RecoveryCodeSchema = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  properties: {
    /** Keyed hash of account and code. */
    hash: p.string().length(64).primary(),
    account: () => p.manyToOne(Account).deleteRule('cascade').index(),
    createdAt: p.datetime(),
  },
});

/** A code that has not been used yet; using it deletes it. */
export class RecoveryCode extends RecoveryCodeSchema.class {}
RecoveryCodeSchema.setClass(RecoveryCode);

const TrustedDeviceSchema = defineEntity({
  name: 'TrustedDevice',
  tableName: 'trusted_device',
  properties: {
    id: p.uuid().primary(),
    account: () => p.manyToOne(Account).deleteRule('cascade').index(),
    /** SHA-256 of account and the token in the browser's cookie. */
    tokenHash: p.string().length(64).unique(),
    userAgent: p.text().strictNullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime(),
    expiresAt: p.datetime().index(),
  },
});

/** A browser on which this account need not show its second factor for a while. */
export class TrustedDevice extends TrustedDeviceSchema.class {}
TrustedDeviceSchema.setClass(TrustedDevice);
