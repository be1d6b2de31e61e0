import { randomBytes } from 'node:crypto';
import type { RegisteredClient } from '#clients/directory.ts';
import type { Acr } from '#sign-in/assurance.ts';

/** The account console signs people in as any application does, by a client of its own that no database holds. */
export const accountClientId = 'portcullis-account';
export const signedInPath = '/account/signed-in';
export const switchPath = '/account/switch';

export function accountClient(issuer: string, name: string): RegisteredClient {
  return {
    id: accountClientId,
    name,
    firstParty: true,
    uri: `${issuer}/account`,
    signInUri: null,
    logoUri: null,
    policyUri: null,
    tosUri: null,
    brandingHue: null,
    minimumAcr: null,
    metadata: {
      redirect_uris: [issuer + signedInPath],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid',
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    },
    secretHashes: [],
  };
}

/**
 * Where a person signs in, to come back to `path`. The code that comes back is never redeemed, so nobody keeps the PKCE
 * verifier: the console looks at the session that the sign-in made.
 */
export function signInUrl(
  issuer: string,
  path: string,
  demand: { maxAgeSeconds: number; acr: Acr | undefined } | undefined,
): string {
  const random = (): string => randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: accountClientId,
    response_type: 'code',
    redirect_uri: issuer + signedInPath,
    scope: 'openid',
    state: path,
    nonce: random(),
    code_challenge: random(),
    code_challenge_method: 'S256',
    ...(demand && { prompt: 'login', max_age: String(demand.maxAgeSeconds) }),
    ...(demand?.acr && { acr_values: demand.acr }),
  });
  return `/auth?${query}`;
}

/** Where another account is chosen, or added, to come back to `path`. */
export function chooseAccountUrl(issuer: string, path: string): string {
  return `${signInUrl(issuer, path, undefined)}&prompt=select_account`;
}

/** A path of the console or the front page and nothing else, whatever came back. */
export function consolePath(asked: unknown): string {
  return typeof asked === 'string' && /^\/(?:account(?:\/[a-z-]+)*)?$/.test(asked) ? asked : '/account';
}
