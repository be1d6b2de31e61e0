import { importJWK, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import type { PublishedKey } from './service.ts';

type Alg = 'ES256' | 'RS256';
type Active = { kid: string; key: CryptoKey | Uint8Array };
export type JwtSigner = ReturnType<typeof createJwtSigner>;

/** Signs what is not made by the protocol library (logout tokens, security events) with the key that is active now. */
export function createJwtSigner({ issuer, published }: { issuer: string; published: () => Promise<PublishedKey[]> }) {
  let active = new Map<string, Active>();
  return { reload, sign };

  /** Called once at the start and at every change of keys. */
  async function reload(): Promise<void> {
    const next = new Map<string, Active>();
    for (const { kid, alg, state, privateJwk } of await published())
      if (state === 'active') next.set(alg, { kid, key: await importJWK(privateJwk, alg) });
    active = next;
  }

  /** A JWT of ours with `iss` and `iat` set; whatever else it must say is in `claims`. */
  async function sign(claims: JWTPayload, { typ, alg = 'ES256' }: { typ: string; alg?: Alg }): Promise<string> {
    const signer = active.get(alg);
    if (!signer) throw new Error(`there is no active ${alg} key yet`);
    return new SignJWT(claims)
      .setProtectedHeader({ alg, typ, kid: signer.kid })
      .setIssuer(issuer)
      .setIssuedAt()
      .sign(signer.key);
  }
}
