import type { AccessToken } from './token.ts';
import type { Verification, Verifier } from './verifier.ts';

/** What a request must bring beside a good token. */
export type Need = {
  /** All of these. */
  scopes?: string[];
  /** One of these. */
  roles?: string[];
  /** The person signed in no longer ago than this; otherwise the caller is told to have it done again (RFC 9470). */
  maxAgeSeconds?: number;
  /** One of these authentication context classes, the preferred first (RFC 9470). */
  acrValues?: string[];
};

export type Decision = { ok: true; token: AccessToken } | Refusal;

/** The whole answer to a request that may not go on: `body` is for JSON (RFC 6750 section 3). */
export type Refusal = {
  ok: false;
  status: 400 | 401 | 403 | 503;
  headers: Record<string, string>;
  body: { error: string; error_description: string };
};

/**
 * Whether a request with this Authorization header may go on. The token is taken from nowhere else (RFC 6750).
 * `reading`: the request changes nothing (GET, HEAD).
 */
export async function decide(
  verifier: Pick<Verifier, 'verify'>,
  request: { authorization: string | null | undefined; reading: boolean },
  { need, realm }: { need: Need; realm: string },
): Promise<Decision> {
  const header = request.authorization ?? '';
  const scope = need.scopes?.length ? need.scopes.join(' ') : undefined;
  // No token, no error code: the caller may simply not know that one is needed (RFC 6750 section 3.1).
  if (!/^Bearer(\s|$)/i.test(header)) {
    const body = { error: 'unauthorized', error_description: 'an access token is needed' };
    return refusal(401, challenge({ realm, scope }), body);
  }
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
  if (token === undefined) return refuse(400, 'invalid_request', 'the Authorization header is malformed');

  const result = await verifier.verify(token, { reading: request.reading });
  if (!result.ok) return unverified(result);
  const { roles, scope: granted } = result.token;
  if (need.scopes?.some((each) => !granted.split(' ').includes(each))) {
    return refuse(403, 'insufficient_scope', 'the token lacks a scope', { scope });
  }
  if (need.roles?.length && !need.roles.some((role) => roles.includes(role))) {
    return refuse(403, 'insufficient_scope', 'the account lacks a role');
  }
  return stepUp(result.token);

  function stepUp(accepted: AccessToken): Decision {
    const { maxAgeSeconds, acrValues } = need;
    const tooOld = maxAgeSeconds !== undefined && !(Date.now() / 1000 - (accepted.auth_time ?? 0) <= maxAgeSeconds);
    const tooWeak = acrValues !== undefined && !acrValues.includes(accepted.acr ?? '');
    if (!tooOld && !tooWeak) return { ok: true, token: accepted };
    const description = tooOld ? 'a more recent sign-in is needed' : 'a stronger sign-in is needed';
    return refuse(401, 'insufficient_user_authentication', description, {
      ...(acrValues && { acr_values: acrValues.join(' ') }),
      ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    });
  }

  function unverified({ status, error, description }: Extract<Verification, { ok: false }>): Refusal {
    if (status === 401) return refuse(status, error, description);
    return refusal(status, { 'Retry-After': '2' }, { error, error_description: description });
  }

  function refuse(
    status: 400 | 401 | 403,
    error: string,
    description: string,
    more?: Record<string, string | undefined>,
  ): Refusal {
    const body = { error, error_description: description };
    return refusal(status, challenge({ realm, ...body, ...more }), body);
  }
}

function challenge(parameters: Record<string, string | undefined>): Record<string, string> {
  const parts = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${value}"`,
  );
  return { 'WWW-Authenticate': `Bearer ${parts.join(', ')}` };
}

function refusal(status: Refusal['status'], headers: Record<string, string>, body: Refusal['body']): Refusal {
  return { ok: false, status, headers: { ...headers, 'Cache-Control': 'no-store' }, body };
}
