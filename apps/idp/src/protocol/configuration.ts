import type { Configuration, KoaContextWithOIDC, Session } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { cookieSigner } from '@portcullis/http';
import { accessTokenSeconds, type Config } from '#config.ts';
import { acrValues } from '#sign-in/assurance.ts';
import { createDemandOf } from '#sign-in/demand.ts';
import { createBegunHere } from './begun-here.ts';
import { accessTokenClaims, claimsByScope } from './claims.ts';
import {
  allowedOriginsOf,
  extraClientProperties,
  needsPkce,
  resourcesOf,
  scopeOf,
  validateExtraClientProperty,
} from './client-metadata.ts';
import { offlineAccess } from './grants.ts';
import { interactionPrompts } from './interaction-policy.ts';
import { interactionPath } from './interactions.ts';
import type { ProtocolPages } from './pages.ts';
import type { ParkedSessions } from './parked-sessions.ts';

const hour = 3600;
const day = 24 * hour;
/** A session that is not to be kept also ends with the browser. */
const session = { idleSeconds: hour, keptIdleSeconds: day, absoluteSeconds: day };
/** */
const refreshToken = { idleSeconds: 14 * day, absoluteSeconds: 30 * day };

type Deps = Pick<Configuration, 'adapter' | 'findAccount' | 'jwks' | 'loadExistingGrant'> & {
  config: Pick<Config, 'http' | 'cookies' | 'issuer' | 'secondFactorRoles'>;
  pages: ProtocolPages;
  parked: Pick<ParkedSessions, 'list'>;
};

/** What we make of the library's settings; each departs from its default for the requirement named. */
export function configuration({
  config,
  pages,
  parked,
  adapter,
  findAccount,
  jwks,
  loadExistingGrant,
}: Deps): Configuration {
  const { https } = config.http;
  const begunHere = createBegunHere({ https });
  return {
    adapter,
    findAccount,
    jwks,
    responseTypes: ['code'],
    pkce: { required: (ctx, client) => needsPkce(client, ctx.oidc.params) }, // R-07; the library knows S256 only
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: true,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      userinfoSigningAlgValues: ['ES256', 'RS256'],
      clientAuthSigningAlgValues: ['ES256', 'RS256'],
    },
    scopes: ['openid', 'profile', 'email', offlineAccess],
    claims: claimsByScope,
    acrValues: [...acrValues],
    clockTolerance: 15, // R-53, F-14
    extraClientMetadata: { properties: extraClientProperties, validator: validateExtraClientProperty },
    extraTokenClaims: accessTokenClaims,
    loadExistingGrant,
    clientBasedCORS: (_ctx, origin, client) => allowedOriginsOf(client).includes(origin),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: (_ctx, code) => !code.scopes.has(offlineAccess),
    interactions: {
      policy: interactionPrompts(createDemandOf(config), parked),
      url: (ctx, interaction) => {
        begunHere.add(ctx, interaction.uid);
        return interactionPath(interaction.uid);
      },
    },
    renderError: pages.renderError,
    features: {
      devInteractions: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' }, // signer.ts
      dPoP: { enabled: false }, // nobody here verifies proofs
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.tokenEndpointAuthMethod !== 'none' && token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.logoutSource,
        postLogoutSuccessSource: pages.postLogoutSuccessSource,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined as unknown as string, // no resource named: an opaque token for userinfo (Core, section 5.3)
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource, client) => {
          if (!resourcesOf(client).includes(resource)) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: scopeOf(resource),
            accessTokenFormat: 'jwt',
            accessTokenTTL: accessTokenSeconds,
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
    cookies: {
      keys: cookieSigner(config.cookies.keys),
      names: cookieNames(https),
      long: { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/', overwrite: true },
      short: { signed: true, httpOnly: true, sameSite: 'lax', secure: https, overwrite: true },
    },
    fetchResponseBodyLimits: { jwks_uri: 64 * 1024, sector_identifier_uri: 64 * 1024 },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: 60,
      PushedAuthorizationRequest: 60,
      Interaction: 600,
      IdToken: hour,
      Grant: refreshToken.absoluteSeconds,
      RefreshToken: (_ctx, token) => {
        const age = nowSeconds() - (token.iiat ?? nowSeconds());
        return Math.max(1, Math.min(refreshToken.idleSeconds, refreshToken.absoluteSeconds - age));
      },
      Session: sessionSeconds,
    },
  };
}

/** `__Host-` where a cookie's path is the root, `__Secure-` where the library gives it another. */
export function cookieNames(https: boolean): { session: string; interaction: string; resume: string } {
  const [host, secure] = https ? ['__Host-', '__Secure-'] : ['', ''];
  return {
    session: `${host}portcullis_session`,
    interaction: `${secure}portcullis_interaction`,
    resume: `${secure}portcullis_resume`,
  };
}

function sessionSeconds(_ctx: KoaContextWithOIDC, { loginTs, transient }: Session): number {
  const idle = transient ? session.idleSeconds : session.keptIdleSeconds;
  const left = loginTs === undefined ? idle : loginTs + session.absoluteSeconds - nowSeconds();
  return Math.max(1, Math.min(idle, left));
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
