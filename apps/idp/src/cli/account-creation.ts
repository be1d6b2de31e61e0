import { createAuditLog } from '#audit/service.ts';
import { createAccountLookup } from '#accounts/lookup.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { createAccounts, type Creation } from '#accounts/service.ts';
import { openDatabase } from './database.ts';

/** The accounts service as far as the command line needs it: it makes accounts and signs nobody in. */
export async function openAccountCreation() {
  const database = await openDatabase();
  const { create } = createAccounts({
    lookup: createAccountLookup(database.pool),
    passwords: createPasswords(),
    throttle: { reserve: () => Promise.reject(new Error('nobody signs in on the command line')) },
    bans: { active: () => Promise.resolve(undefined) },
    audit: createAuditLog(database.pool),
    now: () => new Date(),
  });
  return { ...database, create };
}

export const creationRefusals: Record<Extract<Creation, { ok: false }>['reason'], string> = {
  email_invalid: 'is not an e-mail address.',
  email_taken: 'has an account already.',
  password_too_short: 'needs a longer password: 15 characters or more.',
};
