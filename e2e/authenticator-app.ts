import { generate } from 'otplib';

/** Codes work once; that of the next half minute is accepted already. */
export function nextCode(secret: string): Promise<string> {
  return generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
}
