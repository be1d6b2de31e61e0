import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import { raiseConfigurationVersion } from '#database/configuration-version.ts';
import type { Ledger } from '#revocations/service.ts';
import { acrValues } from '#sign-in/assurance.ts';
import { z } from 'zod';
import { Client, ClientSecret } from './entity.ts';
import { applicationName } from './name.ts';
import { hashClientSecret } from './secrets.ts';

/** https anywhere; plain http only on loopback (RFC 8252 section 7.3, RFC 9700 section 2.1). No credentials, no fragment. */
export const safeUrl = z
  .url()
  .max(2048)
  .refine(isSafeUrl, 'must be https (http only on loopback), without credentials and fragment');

/** One client as an operator declares it. URLs are literal; a secret may be `env:NAME`, read when it is applied. */
export const ClientDeclaration = z
  .strictObject({
    id: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be visible ASCII'),
    name: applicationName,
    /** Ours: consent is implied. People are asked whether the application of somebody else may. */
    firstParty: z.boolean(),
    /** public: a browser or native application that cannot keep a secret. */
    type: z.enum(['confidential', 'public']),
    applicationType: z.enum(['web', 'native']).default('web'),
    /** Each at least 32 characters. Several are valid at once; one that is no longer listed stops working. */
    secrets: z.array(z.string().min(1)).default([]),
    redirectUris: z.array(safeUrl).default([]),
    postLogoutRedirectUris: z.array(safeUrl).default([]),
    /** Where it is told that a session of its has ended (OpenID Connect Back-Channel Logout 1.0). */
    backchannelLogoutUri: safeUrl.nullable().default(null),
    /** The application's home: where a person is led back to when nothing else is known. */
    uri: safeUrl.nullable().default(null),
    /** Where it begins a sign-in by itself: who took too long at ours starts again there. */
    signInUri: safeUrl.nullable().default(null),
    logoUri: safeUrl.nullable().default(null),
    policyUri: safeUrl.nullable().default(null),
    tosUri: safeUrl.nullable().default(null),
    /** Its sign-in pages take their colour from this hue, in degrees. */
    branding: z.strictObject({ hue: z.int().min(0).max(360).optional() }).default({}),
    /** The level of assurance without which nobody is let in here, whatever the application asks for. */
    minimumAcr: z.enum(acrValues).nullable().default(null),
    grantTypes: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
      .default(['authorization_code', 'refresh_token']),
    scope: z.string().default('openid profile email'),
    /** Resource indicators (RFC 8707) it may ask tokens for. */
    resources: z.array(z.url()).default([]),
    idTokenSigningAlg: z.enum(['ES256', 'RS256']).default('RS256'),
    requirePushedAuthorizationRequests: z.boolean().default(false),
    /**
     * For a confidential client whose library knows no PKCE (passport-openidconnect): it may send a nonce instead, the
     * other means of RFC 9700 section 2.1.1 against injected codes.
     */
    nonceInsteadOfPkce: z.boolean().default(false),
    /** May follow the revocations at `GET /revocations`, because it cannot reach Redis. */
    feed: z.boolean().default(false),
    /** Origins allowed to call token and userinfo from a browser (CORS), for public clients. */
    allowedOrigins: z.array(z.url()).default([]),
  })
  .refine(({ type, nonceInsteadOfPkce }) => type === 'confidential' || !nonceInsteadOfPkce, {
    path: ['nonceInsteadOfPkce'],
    message: 'a public client cannot do without PKCE',
  });
export type ClientDeclaration = z.infer<typeof ClientDeclaration>;
export const ClientDeclarations = z.strictObject({ clients: z.array(ClientDeclaration).min(1) });

export class ClientDeclarationError extends Error {}

type Applying = {
  env: Record<string, string | undefined>;
  ledger: Pick<Ledger, 'record'>;
  actor: string | null;
};

/**
 * Makes the declared clients be exactly as declared; clients that are not named stay as they are, and one that is
 * switched off stays so. One transaction; every node has the change within a second.
 *
 * A secret that is no longer listed is revoked: tokens the client obtained up to now are dead. Its grants and refresh
 * tokens stay, for whoever has the old secret cannot use them: a refresh token is bound to its client, which must
 * authenticate (RFC 6749 section 6). So after a rotation nobody has to give a password again, and RFC 6819
 * section 5.2.3.6 is met. Answers which clients lost a secret; the caller publishes the ledger then.
 * Throws ClientDeclarationError naming what is wrong.
 */
export async function applyClients(
  em: EntityManager,
  declarations: ClientDeclaration[],
  { env, ledger, actor }: Applying,
): Promise<string[]> {
  return em.transactional(async (tx) => {
    const secretRevoked: string[] = [];
    for (const declaration of declarations) {
      const { id: clientId } = declaration;
      if (!(await applyOne(tx, declaration, resolveSecrets(declaration, env)))) continue;
      const at = new Date();
      const target = { kind: 'client', clientId } as const;
      await ledger.record(tx, { target, cause: 'secret_revoked', issuedBefore: at, actor });
      recordEvent(tx, { at, actor, action: 'client.secret_revoked', clientId });
      secretRevoked.push(clientId);
    }
    await raiseConfigurationVersion(tx);
    return secretRevoked;
  });
}

/** Whether a secret that was valid until now is none any more. */
async function applyOne(em: EntityManager, declaration: ClientDeclaration, secrets: string[]): Promise<boolean> {
  const now = new Date();
  const { id, name, firstParty, uri, logoUri } = declaration;
  const row = { name, firstParty, uri, logoUri, metadata: metadataOf(declaration), updatedAt: now };
  const client = await em.findOne(Client, { id });
  if (client) em.assign(client, row);
  else em.create(Client, { id, ...row, disabledAt: null, createdAt: now });
  await em.flush();

  const wanted = new Set(secrets.map(hashClientSecret));
  const known = await em.find(ClientSecret, { client: id });
  const gone = known.filter(({ hash }) => !wanted.delete(hash));
  em.remove(gone);
  for (const hash of wanted)
    em.create(ClientSecret, { id: randomUUID(), client: id, hash, createdAt: now, expiresAt: null });
  await em.flush();
  return gone.some(({ expiresAt }) => !expiresAt || expiresAt > now);
}

function resolveSecrets({ id, type, secrets }: ClientDeclaration, env: Record<string, string | undefined>): string[] {
  if (type === 'public') {
    if (secrets.length) throw new ClientDeclarationError(`client ${id}: a public client has no secrets`);
    return [];
  }
  if (!secrets.length)
    throw new ClientDeclarationError(`client ${id}: a confidential client needs at least one secret`);
  return secrets.map((written) => {
    const name = written.startsWith('env:') ? written.slice(4) : null;
    const value = name === null ? written : env[name];
    if (!value) throw new ClientDeclarationError(`client ${id}: the environment variable ${name} is not set`);
    if (value.length < 32) throw new ClientDeclarationError(`client ${id}: a secret needs at least 32 characters`);
    return value;
  });
}

/** In the words of OpenID Connect Dynamic Client Registration, as oidc-provider reads them. */
function metadataOf(declaration: ClientDeclaration): Record<string, unknown> {
  const code = declaration.grantTypes.includes('authorization_code');
  return {
    redirect_uris: declaration.redirectUris,
    post_logout_redirect_uris: declaration.postLogoutRedirectUris,
    backchannel_logout_uri: declaration.backchannelLogoutUri ?? undefined,
    grant_types: declaration.grantTypes,
    response_types: code ? ['code'] : [],
    scope: declaration.scope,
    application_type: declaration.applicationType,
    token_endpoint_auth_method: declaration.type === 'public' ? 'none' : 'client_secret_basic',
    id_token_signed_response_alg: declaration.idTokenSigningAlg,
    require_pushed_authorization_requests: declaration.requirePushedAuthorizationRequests,
    resources: declaration.resources,
    nonce_instead_of_pkce: declaration.nonceInsteadOfPkce,
    feed: declaration.feed,
    sign_in_uri: declaration.signInUri ?? undefined,
    policy_uri: declaration.policyUri ?? undefined,
    tos_uri: declaration.tosUri ?? undefined,
    branding_hue: declaration.branding.hue,
    minimum_acr: declaration.minimumAcr ?? undefined,
    allowed_origins: declaration.allowedOrigins,
  };
}

function isSafeUrl(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username || url.password || value.includes('#')) return false;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}
