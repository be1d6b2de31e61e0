import { defineEntity, p } from '@mikro-orm/core';

const ClientSchema = defineEntity({
  name: 'Client',
  tableName: 'client',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    firstParty: p.boolean(),
    uri: p.string().length(2048).strictNullable(),
    logoUri: p.string().length(2048).strictNullable(),
    /** The rest of its registration, in the words of OpenID Connect Dynamic Registration (`redirect_uris`, `scope`, …). */
    metadata: p.json<Record<string, unknown>>(),
    disabledAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A registered relying application. */
export class Client extends ClientSchema.class {}
ClientSchema.setClass(Client);

const ClientSecretSchema = defineEntity({
  name: 'ClientSecret',
  tableName: 'client_secret',
  uniques: [{ properties: ['client', 'hash'] }],
  properties: {
    id: p.uuid().primary(),
    client: () => p.manyToOne(Client).deleteRule('cascade').index(false),
    /** SHA-256, base64url. Secrets are random and long, so a slow hash would protect nothing. */
    hash: p.string().length(64),
    createdAt: p.datetime(),
    expiresAt: p.datetime().strictNullable(),
  },
});

/** One of the secrets of a client; several may be valid at once, so that they can be rotated. */
export class ClientSecret extends ClientSecretSchema.class {}
ClientSecretSchema.setClass(ClientSecret);
