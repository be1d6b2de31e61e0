/** Reading an access token strictly (RFC 9068, RFC 8725). Nothing here looks at the clock, keys or denylist. */

export type AccessToken = {
  iss: string;
  sub: string;
  aud: string | string[];
  client_id: string;
  scope: string;
  iat: number;
  exp: number;
  nbf?: number;
  jti: string;
  sid?: string;
  auth_time?: number;
  acr?: string;
  roles: string[];
};

export type SignedToken = { kid: string; payload: Record<string, unknown>; signed: Buffer; signature: Buffer };

const maxLength = 8192;
const signatureBytes = 64;
/** All our tokens carry. Whatever else a header may say (crit, jku, jwk, x5c, b64, zip …) could only mislead. */
const headerNames = new Set(['alg', 'typ', 'kid']);

/** A refusal is the text for the caller; it never repeats anything from the token. */
export function readSigned(token: string): SignedToken | string {
  if (token.length > maxLength) return 'the token is too long';
  const [head, body, tail, ...more] = token.split('.');
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) {
    return 'the token is not a signed JWT';
  }
  const header = decodeJson(head);
  if (!header) return 'the token header cannot be read';
  if (header['alg'] !== 'ES256') return 'the token is not signed with ES256';
  const { typ, kid } = header;
  // Media types are case-insensitive and may carry the prefix (RFC 9068 section 4).
  if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) return 'the token is not an access token';
  if (typeof kid !== 'string' || kid === '') return 'the token names no key';
  if (Object.keys(header).some((name) => !headerNames.has(name))) return 'the token header says more than it may';
  const payload = decodeJson(body);
  if (!payload) return 'the token cannot be read';
  const signature = decode(tail);
  if (signature?.length !== signatureBytes) return 'the token signature cannot be read';
  return { kid, payload, signed: Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1'), signature };
}

/** The claims, or the text of a refusal. Frozen, because one object serves every request that brings the same token. */
export function readClaims(
  payload: Record<string, unknown>,
  expected: { issuer: string; audience: string },
): AccessToken | string {
  const { iss, sub, aud, client_id, scope = '', iat, exp, nbf, jti, sid, auth_time, acr, roles = [] } = payload;
  if (iss !== expected.issuer) return 'the token comes from another issuer';
  if (aud !== expected.audience && !(isTextList(aud) && aud.includes(expected.audience))) {
    return 'the token is for another audience';
  }
  if (!isText(sub) || !isText(client_id) || !isText(jti)) return 'the token lacks a claim';
  if (!isTime(iat) || !isTime(exp) || (nbf !== undefined && !isTime(nbf))) return 'the token has no valid times';
  if (typeof scope !== 'string' || !isTextList(roles)) return 'the token has a malformed claim';
  if (sid !== undefined && !isText(sid)) return 'the token has a malformed claim';
  const token: AccessToken = {
    iss: expected.issuer,
    sub,
    aud: typeof aud === 'string' ? aud : aud.toSorted(),
    client_id,
    scope,
    iat,
    exp,
    jti,
    roles: roles.slice(),
    ...(nbf === undefined ? {} : { nbf }),
    ...(sid === undefined ? {} : { sid }),
    ...(isTime(auth_time) ? { auth_time } : {}),
    ...(isText(acr) ? { acr } : {}),
  };
  Object.freeze(token.roles);
  Object.freeze(token.aud);
  return Object.freeze(token);
}

/** base64url in its one canonical form: no padding, no stray bits, so that one token has one spelling. */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined;
}

function decodeJson(part: string): Record<string, unknown> | undefined {
  const text = decode(part)?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return hasRepeatedName(text, value) ? undefined : (value as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

/** JSON.parse keeps the last of two equal names; others keep the first. A token that says both says nothing. */
function hasRepeatedName(json: string, parsed: object): boolean {
  let depth = 0;
  let names = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i += 1) {
    const c = json[i];
    if (quoted) {
      if (c === '\\') i += 1;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{' || c === '[') depth += 1;
    else if (c === '}' || c === ']') depth -= 1;
    else if (c === ':' && depth === 1) names += 1;
  }
  return names !== Object.keys(parsed).length;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
