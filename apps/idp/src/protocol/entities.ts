import { defineEntity, p } from '@mikro-orm/core';

const SsoSessionSchema = defineEntity({
  name: 'SsoSession',
  tableName: 'sso_session',
  properties: {
    /** Names the session in tokens (the first part of `sid`) and in the ledger; not a credential. */
    uid: p.string().length(64).primary(),
    /** SHA-256 of the cookie value. */
    idHash: p.string().length(64).unique(),
    accountId: p.uuid().index(),
    payload: p.json<Record<string, unknown>>(),
    userAgent: p.text().strictNullable(),
    address: p.string().length(64).strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    lastUsedAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime().index(),
  },
});

/** Browser ↔ IdP. */
export class SsoSession extends SsoSessionSchema.class {}
SsoSessionSchema.setClass(SsoSession);

const OidcGrantSchema = defineEntity({
  name: 'OidcGrant',
  tableName: 'oidc_grant',
  properties: {
    id: p.string().length(64).primary(),
    accountId: p.uuid().index(),
    clientId: p.string(),
    sessionUid: p.string().length(64).strictNullable().index(),
    /** `offline_access` was allowed: the end of the session leaves it, without a session. */
    outlivesSession: p.boolean().default(false),
    payload: p.json<Record<string, unknown>>(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime().index(),
  },
});

/** What an account allowed a client; its refresh token families die with it (foreign key). */
export class OidcGrant extends OidcGrantSchema.class {}
OidcGrantSchema.setClass(OidcGrant);

const RefreshFamilySchema = defineEntity({
  name: 'RefreshFamily',
  tableName: 'refresh_family',
  properties: {
    id: p.string().length(32).primary(),
    grant: () => p.manyToOne(OidcGrant).deleteRule('cascade').index(),
    /** The tokens of earlier rotations have been used. Rotating changes no indexed column, so it writes no index. */
    rotation: p.integer(),
    payload: p.json<Record<string, unknown>>(),
    createdAt: p.datetime().defaultRaw('now()'),
    /** The last rotation. */
    usedAt: p.datetime().strictNullable(),
    expiresAt: p.datetime(),
  },
});

/** All refresh tokens that came of one code, one after the other. */
export class RefreshFamily extends RefreshFamilySchema.class {}
RefreshFamilySchema.setClass(RefreshFamily);
