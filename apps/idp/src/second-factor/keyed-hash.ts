import { createHmac, hkdfSync } from 'node:crypto';
import type { Secret } from '@portcullis/config';

export type KeyedHash = ReturnType<typeof createKeyedHash>;

/**
 * Hashes of what is too short to be hashed without a key: whoever has only the database cannot try all the codes there
 * are. `purpose` keeps hashes made for one thing from meaning anything to another.
 */
export function createKeyedHash(encryptionKey: Secret) {
  const key = new Uint8Array(hkdfSync('sha256', encryptionKey.reveal(), '', 'portcullis short codes', 32));
  return (purpose: string, ...parts: string[]): string =>
    createHmac('sha256', key)
      .update([purpose, ...parts].join('\0'))
      .digest('base64url');
}
