import { createLocalJWKSet, importJWK, jwtVerify, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type { PublishedKey } from './service.ts';

type Alg = 'ES256' | 'RS256';
type Active = { kid: string; key: CryptoKey | Uint8Array };
type Keys = { active: Map<string, Active>; published: ReturnType<typeof createLocalJWKSet> };

/** Signs what is not made by the protocol library (logout tokens, security events), and reads what carries our signature. */
export function createJwtSigner({ issuer, published }: { issuer: string; published: () => Promise<PublishedKey[]> }) {
  let keys: Keys = { active: new Map(), published: createLocalJWKSet({ keys: [] }) };
  return { reload, sign, verify };

  /** Called once at the start and at every change of keys. */
  async function reload(): Promise<void> {
    const active = new Map<string, Active>();
    const known = await published();
    for (const { kid, alg, state, privateJwk } of known)
      if (state === 'active') active.set(alg, { kid, key: await importJWK(privateJwk, alg) });
    keys = { active, published: createLocalJWKSet({ keys: known.map(({ privateJwk }) => publicPart(privateJwk)) }) };
  }

  /** A JWT of ours with `iss` and `iat` set; whatever else it must say is in `claims`. Signed with the key active now. */
  async function sign(claims: JWTPayload, { typ, alg = 'ES256' }: { typ: string; alg?: Alg }): Promise<string> {
    const signer = keys.active.get(alg);
    if (!signer) throw new Error(`there is no active ${alg} key yet`);
    return new SignJWT(claims)
      .setProtectedHeader({ alg, typ, kid: signer.kid })
      .setIssuer(issuer)
      .setIssuedAt()
      .sign(signer.key);
  }

  /** The claims of an unexpired JWT of that type, signed with a key that is still published; otherwise undefined. */
  async function verify(jwt: string, { typ }: { typ: string }): Promise<JWTPayload | undefined> {
    try {
      return (await jwtVerify(jwt, keys.published, { issuer, typ, algorithms: ['ES256', 'RS256'] })).payload;
    } catch {
      return undefined;
    }
  }
}
export type JwtSigner = ReturnType<typeof createJwtSigner>;

function publicPart({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  return { ...(kty === 'EC' ? { kty, crv, x, y } : { kty, n, e }), kid, alg, use } as JWK;
}
