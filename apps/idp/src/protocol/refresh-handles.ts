import { createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@portcullis/config';

export type RefreshHandles = ReturnType<typeof createRefreshHandles>;
export type RefreshHandle = { family: string; rotation: number };

/**
 * Refresh tokens as `<family>.<rotation>.<HMAC of both>`. A family is one row that knows its rotation: rotating raises it,
 * and a token of an earlier rotation is known for used, however long ago (RFC 9700 section 4.14.2). Nothing that the
 * database holds makes a token without the key.
 */
export function createRefreshHandles(encryptionKey: Secret) {
  // A KeyObject: preparing a plain key costs several times as much as the HMAC itself.
  const key = createSecretKey(
    Buffer.from(hkdfSync('sha256', encryptionKey.reveal(), '', 'portcullis refresh tokens', 32)),
  );
  return { first, next, read };

  function first(): string {
    return write({ family: randomBytes(16).toString('base64url'), rotation: 0 });
  }

  /** The successor of a handle of ours. */
  function next(handle: string): string {
    const known = read(handle);
    if (!known) throw new Error('a refresh token that was never ours cannot be rotated');
    return write({ ...known, rotation: known.rotation + 1 });
  }

  /** Undefined: not a token of ours, or altered. */
  function read(handle: string): RefreshHandle | undefined {
    const [, family, rotation, given] = /^([\w-]{22})\.(\d{1,9})\.([\w-]{43})$/.exec(handle) ?? [];
    if (family === undefined || given === undefined) return undefined;
    const known = { family, rotation: Number(rotation) };
    // Compared as text: base64url has spare bits, and every altered character must be refused.
    return timingSafeEqual(Buffer.from(given), Buffer.from(macOf(known))) ? known : undefined;
  }

  function write(handle: RefreshHandle): string {
    return `${handle.family}.${handle.rotation}.${macOf(handle)}`;
  }

  function macOf({ family, rotation }: RefreshHandle): string {
    return createHmac('sha256', key).update(`${family}.${rotation}`).digest('base64url');
  }
}
