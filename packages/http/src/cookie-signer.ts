import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@portcullis/config';

/** What koa's cookies ask of a Keygrip. */
export type CookieSigner = {
  sign(data: string): string;
  /** Which key made the signature; -1: none of ours. */
  index(data: string, signature: string): number;
  verify(data: string, signature: string): boolean;
};

/**
 * Signs cookies with HMAC-SHA-256; the first key signs, all of them verify. In place of keygrip, which uses SHA-1 and
 * prepares its keys anew for every cookie: that costs several times as much as the HMAC itself.
 */
export function cookieSigner(secrets: Secret[]): CookieSigner {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret.reveal())));
  return { sign, index, verify: (data, signature) => index(data, signature) >= 0 };

  function sign(data: string, key = keys[0]): string {
    if (!key) throw new Error('at least one cookie key is needed');
    return createHmac('sha256', key).update(data).digest('base64url');
  }

  function index(data: string, signature: string): number {
    const given = Buffer.from(signature);
    return keys.findIndex((key) => {
      const expected = Buffer.from(sign(data, key));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}
