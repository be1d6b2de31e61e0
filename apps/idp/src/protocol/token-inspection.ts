import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Ledger } from '#revocations/service.ts';
import type { RevocationLookup } from '#revocations/lookup.ts';
import type { JwtSigner } from '#signing-keys/jwt-signer.ts';
import { resourcesOf } from './client-metadata.ts';
import { reaching } from './errors.ts';

type Deps = {
  signer: Pick<JwtSigner, 'verify'>;
  revocations: RevocationLookup;
  ledger: Pick<Ledger, 'recordNow'>;
};
export type LiveAccessToken = {
  iss: string;
  sub: string;
  aud: string | string[];
  client_id: string;
  scope?: string;
  iat: number;
  exp: number;
  jti: string;
  sid?: string;
  auth_time?: number;
  acr?: string;
  roles?: string[];
};
export type TokenInspection = ReturnType<typeof createTokenInspection>;

/**
 * RFC 7009 and RFC 7662 for our JWT access tokens. The library authenticates the caller, reads the request, answers for
 * opaque tokens, and refuses JWTs; `instead` takes over exactly where it has refused.
 */
export function createTokenInspection({ signer, revocations, ledger }: Deps) {
  return { inspect, instead };

  /** The claims, if the token is ours, unexpired and not revoked: judged by the ledger itself, not by a copy. */
  async function inspect(token: string): Promise<LiveAccessToken | undefined> {
    const claims = (await signer.verify(token, { typ: 'at+jwt' })) as LiveAccessToken | undefined;
    if (!claims) return undefined;
    return (await reaching(() => revocations.find(claims))) === undefined ? claims : undefined;
  }

  /** After the library: answers in its place when it has refused a token for being a JWT. */
  async function instead(ctx: KoaContextWithOIDC): Promise<void> {
    const { route, client, params } = ctx.oidc;
    const refused = (ctx.body as { error?: string } | undefined)?.error === 'unsupported_token_type';
    const token = params?.['token'];
    if (!refused || !client || typeof token !== 'string') return;
    if (route === 'introspection') await introspect(ctx, client, token);
    if (route === 'revocation') await revoke(ctx, client, token);
  }

  /** RFC 7662 section 2.2. To a caller who may not see the token it is as if there were none. */
  async function introspect(ctx: KoaContextWithOIDC, client: Client, token: string): Promise<void> {
    const claims = await inspect(token);
    ctx.status = 200;
    ctx.body = claims && maySee(client, claims) ? { active: true, token_type: 'Bearer', ...claims } : { active: false };
  }

  /** RFC 7009 section 2: what is invalid already needs no revoking; what belongs to another client is not for this one. */
  async function revoke(ctx: KoaContextWithOIDC, client: Client, token: string): Promise<void> {
    const claims = await inspect(token);
    if (claims && claims.client_id !== client.clientId) {
      ctx.status = 400;
      ctx.body = { error: 'unauthorized_client', error_description: 'the token was issued to another client' };
      return;
    }
    if (claims)
      await ledger.recordNow({
        target: { kind: 'token', jti: claims.jti },
        cause: 'token_revoked',
        issuedBefore: null,
        actor: `client:${client.clientId}`,
        ...(claims.sub === claims.client_id ? {} : { accountId: claims.sub }),
        detail: { client: client.clientId },
      });
    ctx.status = 200;
    ctx.body = '';
  }
}

type Client = NonNullable<KoaContextWithOIDC['oidc']['client']>;

/** Its own tokens, and those for an audience it is registered for. A client without a secret proves nothing, so it sees none. */
function maySee(client: Client, { aud, client_id: clientId }: LiveAccessToken): boolean {
  if (client.tokenEndpointAuthMethod === 'none') return false;
  const audiences = typeof aud === 'string' ? [aud] : aud;
  return clientId === client.clientId || resourcesOf(client).some((resource) => audiences.includes(resource));
}
