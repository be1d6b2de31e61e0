import { createHmac, createPublicKey, KeyObject, randomUUID, sign } from 'node:crypto';
import { CompactEncrypt, CompactSign, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audience, keyPair, startIssuer, type Issuer, type KeyPair } from './test-issuer.ts';
import { createVerifier, type Verifier } from './verifier.ts';

let issuer: Issuer;
let stranger: KeyPair;
let verifier: Verifier;

beforeAll(async () => {
  issuer = await startIssuer();
  stranger = await keyPair('key-1');
  verifier = createVerifier({ issuer: issuer.url, audience, mirror: { check: () => ({ state: 'clear' }) } });
});
afterAll(() => issuer[Symbol.asyncDispose]());

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const header = (over: Record<string, unknown> = {}) => ({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...over });
const now = () => Math.floor(Date.now() / 1000);

/** Really signed with the issuer's key, over exactly these bytes: what the header or the claims say is all that is wrong. */
function signed(head: unknown, claims: unknown): string {
  const input = `${encode(head)}.${encode(claims)}`;
  const key = KeyObject.from(issuer.key.privateKey);
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function hmac(head: Record<string, unknown>, key: string | Buffer, claims = issuer.claims()): string {
  const input = `${encode(head)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

const publicKey = () => createPublicKey({ key: issuer.key.publicJwk, format: 'jwk' });
const byStranger = (head: Record<string, unknown>) =>
  new SignJWT(issuer.claims()).setProtectedHeader({ ...header(), ...head }).sign(stranger.privateKey);
const claimsWith = (over: Record<string, unknown>) => signed(header(), issuer.claims(over));
const claimsWithout = (name: string) => claimsWith({ [name]: undefined });
async function flipped(part: 0 | 1 | 2, at: number): Promise<string> {
  const parts = (await issuer.token()).split('.');
  const bytes = Buffer.from(parts[part] ?? '', 'base64url');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return parts.with(part, bytes.toString('base64url')).join('.');
}
/** The last character of a 64-byte signature has four bits that mean nothing: another spelling of the same bytes. */
async function respelled(): Promise<string> {
  const token = await issuer.token();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1];
}
const encrypted = async () =>
  new CompactEncrypt(Buffer.from(await issuer.token()))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'at+jwt', kid: 'key-1' })
    .encrypt(await importJWK(issuer.key.publicJwk, 'ECDH-ES'));

const forgeries: Record<string, () => Promise<string> | string> = {
  // algorithms
  'alg none, no signature': () => `${encode(header({ alg: 'none' }))}.${encode(issuer.claims())}.`,
  'alg None, no signature': () => `${encode(header({ alg: 'None' }))}.${encode(issuer.claims())}.`,
  'alg none, a good signature kept': async () =>
    (await issuer.token()).replace(/^[^.]+/, encode(header({ alg: 'none' }))),
  'no alg': () => signed(header({ alg: undefined }), issuer.claims()),
  'alg in lower case': () => signed(header({ alg: 'es256' }), issuer.claims()),
  'alg as a list': () => signed(header({ alg: ['ES256'] }), issuer.claims()),
  'HS256 with the public key as PEM': () =>
    hmac(header({ alg: 'HS256' }), publicKey().export({ type: 'spki', format: 'pem' })),
  'HS256 with the public key as DER': () =>
    hmac(header({ alg: 'HS256' }), publicKey().export({ type: 'spki', format: 'der' })),
  'HS256 with the public key as JWK': () => hmac(header({ alg: 'HS256' }), JSON.stringify(issuer.key.publicJwk)),
  'HS256 with an empty key': () => hmac(header({ alg: 'HS256' }), ''),
  'HS256 with an empty key and an unknown kid': () => hmac(header({ alg: 'HS256', kid: 'nobody' }), ''),
  'ES256 claimed over an empty-key HMAC': () => hmac(header(), ''),
  'RS256 with the issuer’s own RSA key': () => issuer.token({}, { alg: 'RS256' }, issuer.rsa),
  'ES256 claimed for the RSA kid': () => signed(header({ kid: 'rsa-1' }), issuer.claims()),
  'RS256 claimed for the EC kid': () =>
    new SignJWT(issuer.claims()).setProtectedHeader(header({ alg: 'RS256' }) as never).sign(issuer.rsa.privateKey),
  'ES384 with a key of the attacker': async () =>
    new SignJWT(issuer.claims())
      .setProtectedHeader(header({ alg: 'ES384' }) as never)
      .sign((await keyPair('k', 'ES384')).privateKey),
  // the header
  'jwk of the attacker': () => byStranger({ jwk: stranger.publicJwk }),
  'jku of the attacker': () => byStranger({ jku: 'http://127.0.0.1:1/jwks' }),
  'x5u of the attacker': () => byStranger({ x5u: 'http://127.0.0.1:1/cert.pem' }),
  'x5c of the attacker': () => byStranger({ x5c: ['MIIB'] }),
  'jwk in an otherwise good token': () => signed(header({ jwk: issuer.key.publicJwk }), issuer.claims()),
  'crit that names an extension': () => signed(header({ crit: ['exp'], exp: now() + 60 }), issuer.claims()),
  'crit that is empty': () => signed(header({ crit: [] }), issuer.claims()),
  'b64 false': () =>
    new CompactSign(Buffer.from(JSON.stringify(issuer.claims())))
      .setProtectedHeader(header({ b64: true, crit: ['b64'] }) as never)
      .sign(issuer.key.privateKey),
  'zip DEF': () => signed(header({ zip: 'DEF' }), issuer.claims()),
  'kid missing': () => signed(header({ kid: undefined }), issuer.claims()),
  'kid empty': () => signed(header({ kid: '' }), issuer.claims()),
  'kid unknown': () => signed(header({ kid: randomUUID() }), issuer.claims()),
  'kid a path': () => hmac(header({ kid: '../../../../dev/null' }), ''),
  'kid an SQL injection': () => hmac(header({ kid: "x' UNION SELECT 'key' --" }), 'key'),
  'kid __proto__': () => signed(header({ kid: '__proto__' }), issuer.claims()),
  'kid a list': () => signed(header({ kid: ['key-1'] }), issuer.claims()),
  'kid twice': () => signed('{"alg":"ES256","typ":"at+jwt","kid":"key-1","kid":"key-1"}', issuer.claims()),
  'alg twice': () => signed('{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"key-1"}', issuer.claims()),
  'header not an object': () => signed('["ES256"]', issuer.claims()),
  'header null': () => signed('null', issuer.claims()),
  // other tokens of the same issuer
  'an ID token': () => signed(header({ typ: 'JWT' }), issuer.claims({ aud: 'shop', nonce: 'n' })),
  'an ID token with our audience': () => signed(header({ typ: 'JWT' }), issuer.claims()),
  'no typ': () => signed(header({ typ: undefined }), issuer.claims()),
  'a logout token': () =>
    signed(
      header({ typ: 'logout+jwt' }),
      issuer.claims({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
    ),
  'a security event token': () => signed(header({ typ: 'secevent+jwt' }), issuer.claims()),
  'a client assertion': () => signed(header({ typ: 'client-authentication+jwt' }), issuer.claims()),
  // the form
  'the empty string': () => '',
  'only dots': () => '..',
  'no signature part': async () => (await issuer.token()).split('.').slice(0, 2).join('.'),
  'an empty signature': async () => (await issuer.token()).replace(/[^.]+$/, ''),
  'an all-zero signature': async () => (await issuer.token()).replace(/[^.]+$/, Buffer.alloc(64).toString('base64url')),
  'a truncated signature': async () => (await issuer.token()).slice(0, -2),
  'a fourth part': async () => `${await issuer.token()}.x`,
  'a JWE of a good token': encrypted,
  'a bit flipped in the header': () => flipped(0, 3),
  'a bit flipped in the claims': () => flipped(1, 20),
  'a bit flipped at the start of the signature': () => flipped(2, 0),
  'a bit flipped at the end of the signature': () => flipped(2, 63),
  'the signature spelled differently': respelled,
  'base64 with padding': async () => `${await issuer.token()}==`,
  'white space inside': async () => (await issuer.token()).replace('.', '.\n'),
  'the claims of another token': async () => {
    const [[head, , tail], [, body]] = [(await issuer.token()).split('.'), (await issuer.token()).split('.')];
    return [head, body, tail].join('.');
  },
  'a DER signature': () => {
    const input = `${encode(header())}.${encode(issuer.claims())}`;
    const key = KeyObject.from(issuer.key.privateKey);
    return `${input}.${sign('sha256', Buffer.from(input), { key }).toString('base64url')}`;
  },
  'signed by a stranger under our kid': () => byStranger({}),
  'claims not an object': () => signed(header(), '"alice"'),
  'claims a list': () => signed(header(), [issuer.claims()]),
  'longer than 8 kB': () => claimsWith({ padding: 'x'.repeat(9000) }),
  // the claims
  expired: () => claimsWith({ exp: now() - 16 }),
  'exp missing': () => claimsWithout('exp'),
  'exp a text': () => claimsWith({ exp: `${now() + 300}` }),
  'exp not finite': () => signed(header(), JSON.stringify(issuer.claims()).replace(/"exp":\d+/, '"exp":1e999')),
  'exp twice': () => signed(header(), JSON.stringify(issuer.claims({ exp: 1 })).replace('}', `,"exp":${now() + 300}}`)),
  'nbf in the future': () => claimsWith({ nbf: now() + 60 }),
  'nbf a text': () => claimsWith({ nbf: 'now' }),
  'iat in the future': () => claimsWith({ iat: now() + 60 }),
  'iat missing': () => claimsWithout('iat'),
  'iss of another': () => claimsWith({ iss: 'https://evil.example' }),
  'iss with a slash more': () => claimsWith({ iss: `${issuer.url}/` }),
  'iss as a list': () => claimsWith({ iss: [issuer.url] }),
  'iss missing': () => claimsWithout('iss'),
  'aud of another application': () => claimsWith({ aud: 'urn:portcullis:forum' }),
  'aud that only begins like ours': () => claimsWith({ aud: `${audience}.evil.example` }),
  'aud a list of others': () => claimsWith({ aud: ['a', 'b'] }),
  'aud a list in a list': () => claimsWith({ aud: [[audience]] }),
  'aud a list with an object': () => claimsWith({ aud: [audience, {}] }),
  'aud an object': () => claimsWith({ aud: { [audience]: true } }),
  'aud an empty list': () => claimsWith({ aud: [] }),
  'aud missing': () => claimsWithout('aud'),
  'sub missing': () => claimsWithout('sub'),
  'sub empty': () => claimsWith({ sub: '' }),
  'sub a list': () => claimsWith({ sub: ['alice'] }),
  'client_id missing': () => claimsWithout('client_id'),
  'jti missing': () => claimsWithout('jti'),
  'sid not a text': () => claimsWith({ sid: { $ne: '' } }),
  'roles a text': () => claimsWith({ roles: 'admin' }),
  'roles with an object': () => claimsWith({ roles: [{ name: 'admin' }] }),
  'scope a list': () => claimsWith({ scope: ['family'] }),
};

test('R-50 the corpus has at least forty forgeries', () => {
  expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(40);
});

test.for(Object.entries(forgeries))('R-50 R-51 R-52 R-53 refused: %s', async ([, forge]) => {
  // A good token first, so that the refusal is about the forgery and not about the set-up.
  expect(await verifier.verify(await issuer.token())).toMatchObject({ ok: true });

  const result = await verifier.verify(await forge());

  expect(result).toMatchObject({ ok: false, status: 401, error: 'invalid_token' });
});

test('what a forgery changes is all that was wrong: the same builders give good tokens', async () => {
  expect(await verifier.verify(signed(header(), issuer.claims()))).toMatchObject({ ok: true });
  expect(await verifier.verify(claimsWith({ aud: ['other', audience] }))).toMatchObject({ ok: true });
  expect(await verifier.verify(signed(header({ typ: 'application/at+jwt' }), issuer.claims()))).toMatchObject({
    ok: true,
  });
  expect(await verifier.verify(claimsWith({ exp: now() - 10, iat: now() + 10 }))).toMatchObject({ ok: true });
});
