import { hash, timingSafeEqual } from 'node:crypto';

export function hashClientSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** True when the secret is one of those; takes the same time whichever matches, and when none does. */
export function matchesClientSecret(hashes: string[], secret: string): boolean {
  const given = Buffer.from(hashClientSecret(secret));
  return hashes.map((known) => timingSafeEqual(Buffer.from(known), given)).includes(true);
}
