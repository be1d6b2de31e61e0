import { createPrivateKey, createPublicKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';

type PrivateJwk = JsonWebKey & { kid?: string; alg?: string };

/**
 * Signs on the thread of the request. WebCrypto, which the library would use, queues each signature behind whatever argon2
 * has put on libuv's threads: a flood of sign-ins would stop the token endpoint. A P-256
 * signature takes less than handing it to another thread does.
 */
export class Signer extends ExternalSigningKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #jwk: PrivateJwk;

  constructor(jwk: PrivateJwk) {
    super();
    this.#private = createPrivateKey({ key: jwk, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    this.#jwk = jwk;
  }

  override get kid(): string | undefined {
    return this.#jwk.kid;
  }

  override get alg(): string | undefined {
    return this.#jwk.alg;
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Buffer {
    const signature = sign('sha256', data, this.#private);
    return this.#jwk.kty === 'EC' ? fixedLength(signature) : signature;
  }
}

/**
 * A P-256 signature as JWS wants it (RFC 7518 section 3.4): r and s in 32 bytes each, without DER around them. Asking
 * node for that form costs more than the signature itself.
 */
function fixedLength(der: Buffer): Buffer {
  const fixed = Buffer.alloc(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der.readUInt8(at + 1);
    const integer = der.subarray(at + 2, at + 2 + length);
    const bytes = integer.subarray(Math.max(0, length - 32)); // a leading zero only says that it is positive
    fixed.set(bytes, end - bytes.length);
    at += 2 + length;
  }
  return fixed;
}
