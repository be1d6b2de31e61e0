import { isDeepStrictEqual } from 'node:util';
import type { Client, Grant, KoaContextWithOIDC } from 'oidc-provider';
import { resourcesOf, scopeOf } from './client-metadata.ts';
import { reaching } from './errors.ts';
import type { Consented, PostgresArtifacts } from './postgres-artifacts.ts';

/** Refresh tokens that go on after the session has ended (OpenID Connect Core, section 11). */
export const offlineAccess = 'offline_access';

/**
 * The grant of this session for this application: the one it has, or, when that does not cover what is asked for, a new
 * one of all that is allowed. An application of ours is allowed everything it is registered for, so that nobody is asked;
 * one of somebody else's, what this account has consented to. Nothing is given where the person must be asked first.
 */
export function createLoadExistingGrant({ useConsent }: Pick<PostgresArtifacts, 'useConsent'>) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { client, session, account, provider } = ctx.oidc;
    if (!client || !session || !account) return undefined;

    const id = session.grantIdFor(client.clientId);
    const found = id ? await provider.Grant.find(id) : undefined;
    const known = found?.accountId === account.accountId ? found : undefined;
    const wanted = wantedOf(ctx);
    if (mustBeAsked(ctx) || (known && covers(known, wanted))) return known;

    const isOurs = client['first_party'] === true;
    const allowed = isOurs ? registered(client) : await reaching(() => useConsent(account.accountId, client.clientId));
    if (!allowed) return known;
    const possible = inBoth(wanted, allowed);
    if (known && covers(known, possible)) return known;
    if (!isOurs && !isDeepStrictEqual(possible, wanted)) return known;

    const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
    const offline = wanted.scopes.includes(offlineAccess);
    grant.addOIDCScope(allowed.scopes.filter((scope) => scope !== offlineAccess || offline));
    for (const resource of allowed.resources) grant.addResourceScope(resource, scopeOf(resource));
    await grant.save();
    return grant;
  };
}

/**
 * Whatever was allowed before: when the application asks for it (`prompt=consent`), and when nothing proves that it is the
 * application it says it is (R-25, RFC 8252 section 8.6). Until this request has been answered on the consent page.
 */
export function mustBeAsked({ oidc }: KoaContextWithOIDC): boolean {
  const { client, prompts, result } = oidc;
  if (!client || (result && 'consent' in result)) return false;
  const isOurs = client['first_party'] === true;
  const unproven = client.applicationType === 'native' || (!isOurs && client.tokenEndpointAuthMethod === 'none');
  return unproven || (!isOurs && prompts.has('consent'));
}

/** Whether it allows all that this request asks for. */
export function coversRequest(ctx: KoaContextWithOIDC, grant: Grant): boolean {
  return covers(grant, wantedOf(ctx));
}

/** `scope`: what a grant allows, of OpenID Connect. */
export function outlivesSession(scope: string | undefined): boolean {
  return scope?.split(' ').includes(offlineAccess) ?? false;
}

function wantedOf({ oidc }: KoaContextWithOIDC): Consented {
  return { scopes: [...oidc.requestParamOIDCScopes], resources: Object.keys(oidc.resourceServers ?? {}) };
}

function registered(client: Client): Consented {
  return { scopes: (client.scope ?? 'openid').split(' '), resources: resourcesOf(client) };
}

function covers(grant: Grant, { scopes, resources }: Consented): boolean {
  const granted = grant.getOIDCScope().split(' ');
  return scopes.every((scope) => granted.includes(scope)) && resources.every((name) => grant.getResourceScope(name));
}

function inBoth(wanted: Consented, allowed: Consented): Consented {
  return {
    scopes: wanted.scopes.filter((scope) => allowed.scopes.includes(scope)),
    resources: wanted.resources.filter((resource) => allowed.resources.includes(resource)),
  };
}
