import { z } from 'zod';

import { maxEmailLength } from './entity.ts';

/**
 * The form under which an address is matched and counted: two spellings of one address (case, full-width letters,
 * stray spaces) are one account and one throttle. Lower-casing can undo NFKC, hence the second pass.
 */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}

/** Whether this normalised address can be an account's. */
export function isEmail(emailNormalized: string): boolean {
  return emailNormalized.length <= maxEmailLength && z.regexes.unicodeEmail.test(emailNormalized);
}
