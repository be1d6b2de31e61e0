import { createPrivateKey, createPublicKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';

type PrivateJwk = JsonWebKey & { kid?: string; alg?: string };

/**
 * Signs on the thread of the request. WebCrypto, which the library would use, queues each signature behind whatever argon2
 * has put on libuv's threads: a flood of sign-ins would stop the token endpoint (SECURITY.md finding 3). A P-256
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
    return sign('sha256', data, { key: this.#private, dsaEncoding: 'ieee-p1363' }); // RFC 7518 section 3.4; RSA ignores it
  }
}
