import { picturePath } from '#account-console/pictures.ts';
import type { AccountForTokens, AccountLookup } from '#accounts/lookup.ts';
import type {
  Account,
  AccountClaims,
  AccessToken,
  ClientCredentials,
  FindAccount,
  KoaContextWithOIDC,
} from 'oidc-provider';
import { lastingSidOf } from '#sessions/session-id.ts';
import { reaching } from './errors.ts';
import { takeFromRequest } from './request-memory.ts';

/** The account of a request, with what our own claims need. */
export type TokenAccount = Account & { roles: string[] };

/** Scope → claims (OpenID Connect Core, section 5.4). `roles` is ours and rides with `profile`. */
export const claimsByScope = {
  openid: ['sub', 'auth_time', 'acr', 'amr'],
  profile: ['name', 'picture', 'locale', 'roles'],
  email: ['email', 'email_verified'],
};

/**
 * The one seam through which every flow asks whether an account may have a token for this application: sign-in by
 * session, code exchange, refresh, userinfo. A banned, disabled or deleted account is not found.
 */
export function createFindAccount(lookup: Pick<AccountLookup, 'forTokens'>, issuer: string): FindAccount {
  return async (ctx, id) => {
    const known = takeFromRequest<AccountForTokens | undefined>(`account ${id}`);
    const account = known ? known.value : await reaching(() => lookup.forTokens(id));
    const { client } = ctx.oidc;
    return account && !(client && account.bannedFrom.includes(client.clientId))
      ? accountOf(account, issuer)
      : undefined;
  };
}

function accountOf(account: AccountForTokens, issuer: string): TokenAccount {
  return {
    accountId: account.id,
    roles: account.roles,
    claims: (): AccountClaims => ({
      sub: account.id,
      name: account.name,
      picture: account.picture === null ? undefined : issuer + picturePath(account.picture),
      locale: account.locale ?? undefined,
      roles: account.roles,
      email: account.email,
      email_verified: account.emailVerified,
    }),
  };
}

/** RFC 9068 section 2.2.1 and 2.2.3.1, and `sid`, which revocations name. */
export function accessTokenClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): Record<string, unknown> | undefined {
  if (token.kind !== 'AccessToken') return undefined;
  const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken;
  const account = ctx.oidc.entities.Account as TokenAccount | undefined;
  return {
    sid: source && !source.expiresWithSession ? lastingSidOf(source.grantId ?? '') : source?.sid,
    auth_time: source?.authTime,
    acr: source?.acr,
    amr: source?.amr,
    roles: account?.roles ?? [],
  };
}
