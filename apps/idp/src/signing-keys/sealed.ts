import { hkdfSync } from 'node:crypto';
import type { Secret } from '@portcullis/config';
import { CompactEncrypt, compactDecrypt } from 'jose';

/** Seals values that rest in the database: AES-256-GCM in a compact JWE, under a key derived from the environment's. */
export function createSealer(encryptionKey: Secret) {
  const key = new Uint8Array(hkdfSync('sha256', encryptionKey.reveal(), '', 'portcullis at rest', 32));
  return { seal, unseal };

  function seal(value: object): Promise<string> {
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(key);
  }

  /** Throws when the value was sealed under another key. */
  async function unseal(sealed: string): Promise<Record<string, unknown>> {
    const { plaintext } = await compactDecrypt(sealed, key);
    return JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
  }
}
export type Sealer = ReturnType<typeof createSealer>;
