import { createHash, hkdfSync } from 'node:crypto';
import type { Secret } from '@portcullis/config';
import { EncryptJWT, jwtDecrypt, type JWTPayload } from 'jose';

export type Seal<T extends object> = ReturnType<typeof createSeal<T>>;

/**
 * Encrypts and authenticates values for one purpose: what was sealed for another does not open here. The first key
 * seals, all of them open. Change `purpose` when the shape of T changes.
 */
export function createSeal<T extends object>(keys: Secret[], purpose: string) {
  const secrets = keys.map((key) => {
    const secret = new Uint8Array(hkdfSync('sha256', key.reveal(), '', `portcullis relying party: ${purpose}`, 32));
    return { kid: createHash('sha256').update(secret).digest('base64url').slice(0, 8), secret };
  });
  const [first] = secrets;
  if (!first) throw new Error('at least one cookie key is needed');
  return { seal, open };

  function seal(value: T, lifeSeconds: number): Promise<string> {
    return new EncryptJWT({ value } as JWTPayload)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first?.kid ?? '' })
      .setExpirationTime(`${lifeSeconds}s`)
      .encrypt(first?.secret ?? new Uint8Array());
  }

  /** undefined for whatever we did not seal, or too long ago. */
  async function open(text: string): Promise<T | undefined> {
    try {
      const { payload } = await jwtDecrypt(text, ({ kid }) => secretOf(kid), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return payload['value'] as T;
    } catch {
      return undefined;
    }
  }

  function secretOf(kid: string | undefined): Uint8Array {
    const known = secrets.find((each) => each.kid === kid);
    if (!known) throw new Error('sealed with a key that is no longer ours');
    return known.secret;
  }
}
