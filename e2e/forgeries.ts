import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';

export type Forgery = { name: string; token: string };
type Genuine = { accessToken: string; idToken: string; jwks: { keys: JsonWebKey[] }; issuer: string };
type Header = Record<string, unknown>;

/** Access tokens that nobody may accept, each made from a genuine one that everybody does. */
export function forgeries({ accessToken, idToken, jwks, issuer }: Genuine): Forgery[] {
  const header: Header = { ...decodeProtectedHeader(accessToken) };
  const claims = decodeJwt(accessToken);
  const [head = '', body = '', signature = ''] = accessToken.split('.');
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ownRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ownJwk = own.publicKey.export({ format: 'jwk' });
  const publicKey = jwks.keys.find((key) => 'kid' in key && key.kid === header['kid']) ?? {};
  const hmac = (alg: string, secret: string) => signed({ ...header, alg }, claims, hmacWith(alg, secret));
  const mine = (over: Header, words: object = {}) =>
    signed({ ...header, ...over }, { ...claims, ...words }, es256With(own.privateKey));
  const now = Math.floor(Date.now() / 1000);

  return Object.entries({
    // No signature, or none worth the name.
    'alg none, no signature': `${encode({ ...header, alg: 'none' })}.${body}.`,
    'alg None in another spelling': `${encode({ ...header, alg: 'nOnE' })}.${body}.`,
    'alg none with the genuine signature': `${encode({ ...header, alg: 'none' })}.${body}.${signature}`,
    'alg missing': `${encode({ ...header, alg: undefined })}.${body}.${signature}`,
    'alg empty': `${encode({ ...header, alg: '' })}.${body}.`,
    'alg as a list': `${encode({ ...header, alg: ['ES256'] })}.${body}.${signature}`,
    'signature left out': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'four parts': `${accessToken}.${signature}`,
    'all-zero signature (psychic)': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'signature one byte short': `${head}.${body}.${cut(signature, 63)}`,
    'signature of another token': `${encode(header)}.${encode({ ...claims, sub: 'somebody' })}.${signature}`,
    'signature with a bit flipped': `${head}.${body}.${flipped(signature)}`,
    'header with a bit flipped': `${flipped(head)}.${body}.${signature}`,
    // Confusion of algorithms and keys.
    'HS256 with the public key as secret (JWK)': hmac('HS256', JSON.stringify(publicKey)),
    'HS256 with the public point as secret': hmac('HS256', `${publicKey.x}${publicKey.y}`),
    'HS256 with an empty secret': hmac('HS256', ''),
    'HS384 with the key id as secret': hmac('HS384', String(header['kid'])),
    'HS512 with the issuer as secret': hmac('HS512', issuer),
    'RS256 with our own key': signed({ ...header, alg: 'RS256' }, claims, rs256With(ownRsa.privateKey)),
    'ES256 with our own key': mine({}),
    'our own key, carried along as jwk': mine({ jwk: ownJwk }),
    'our own key, carried along as jwk, without kid': mine({ jwk: ownJwk, kid: undefined }),
    'jku that points to us': mine({ jku: 'http://127.0.0.1:9/jwks.json' }),
    'x5u that points to us': mine({ x5u: 'http://127.0.0.1:9/chain.pem' }),
    'x5c with our own certificate': mine({ x5c: [Buffer.from('certificate').toString('base64')] }),
    'kid missing': mine({ kid: undefined }),
    'kid empty': mine({ kid: '' }),
    'kid unknown': mine({ kid: 'unknown' }),
    'kid as a path': mine({ kid: '../../../../dev/null' }),
    'kid as SQL': mine({ kid: "' union select 'secret' -- " }),
    'kid as a number': mine({ kid: 0 }),
    // Extensions that would change what the signature means.
    'crit with an unknown extension': mine({ crit: ['b64x'], b64x: true }),
    'crit with b64 false': mine({ crit: ['b64'], b64: false }),
    zip: mine({ zip: 'DEF' }),
    // Other kinds of token, other words.
    'ID token as access token': idToken,
    'typ JWT': mine({ typ: 'JWT' }),
    'typ logout+jwt': mine({ typ: 'logout+jwt' }),
    'typ missing': mine({ typ: undefined }),
    'another issuer': mine({}, { iss: 'https://evil.example' }),
    'another audience': mine({}, { aud: 'urn:somebody:else' }),
    'audience missing': mine({}, { aud: undefined }),
    expired: mine({}, { iat: now - 600, exp: now - 300 }),
    'exp missing': mine({}, { exp: undefined }),
    'exp far ahead': mine({}, { exp: now + 1e9 }),
    'from the future': mine({}, { iat: now + 600, nbf: now + 600 }),
    'roles added': `${head}.${encode({ ...claims, roles: ['admin', 'analyst'] })}.${signature}`,
    'duplicate claims in the payload': `${head}.${duplicated(claims)}.${signature}`,
    'payload that is no JSON': `${head}.${Buffer.from('not json').toString('base64url')}.${signature}`,
    'JWE in place of JWS': `${encode({ alg: 'dir', enc: 'A256GCM' })}..${cut(body, 12)}.${body}.${cut(signature, 16)}`,
  }).map(([name, token]) => ({ name, token }));
}

function signed(header: Header, claims: object, signer: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

function hmacWith(alg: string, secret: string) {
  return (input: string) =>
    createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest();
}

function es256With(key: KeyObject) {
  return (input: string) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

function rs256With(key: KeyObject) {
  return (input: string) => sign('sha256', Buffer.from(input), key);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function duplicated(claims: JWTPayload): string {
  const text = JSON.stringify(claims);
  return Buffer.from(`${text.slice(0, -1)},"sub":"somebody"}`).toString('base64url');
}

export function flipped(encoded: string, at = 0.5): string {
  const bytes = Buffer.from(encoded, 'base64url');
  const index = Math.floor((bytes.length - 1) * at);
  bytes.writeUInt8(bytes.readUInt8(index) ^ 0x10, index);
  return bytes.toString('base64url');
}

export function cut(encoded: string, length: number): string {
  return Buffer.from(encoded, 'base64url').subarray(0, length).toString('base64url');
}
