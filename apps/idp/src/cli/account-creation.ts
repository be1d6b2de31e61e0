import { createAccountCreation, type Creation } from '#accounts/creation.ts';
import { createPasswordPolicy, leastPasswordCharacters, type PasswordWeakness } from '#accounts/password-policy.ts';
import { createPasswordStrength } from '#accounts/password-strength.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { openDatabase } from './database.ts';

export async function openAccountCreation() {
  const { create } = createAccountCreation({ passwords: createPasswords(), policy: createCliPasswordPolicy() });
  return { ...(await openDatabase()), create };
}

/** As the pages judge, but for the question to the network. */
export function createCliPasswordPolicy() {
  return createPasswordPolicy({ strength: createPasswordStrength(), product: 'Portcullis' });
}

/** Continues a sentence that begins with the account's address. */
export const passwordRefusals: Record<`password_${PasswordWeakness}`, string> = {
  password_too_short: `needs a longer password: ${leastPasswordCharacters({ secondFactor: false })} characters or more.`,
  password_too_long: 'needs a shorter password: 1024 bytes are the most.',
  password_too_common: 'needs another password: many people use this one.',
  password_too_easy: 'needs another password: this one is too easy to guess.',
  password_breached: 'needs another password: this one is known from a breach.',
};

export const creationRefusals: Record<Extract<Creation, { ok: false }>['reason'], string> = {
  ...passwordRefusals,
  email_invalid: 'is not an e-mail address.',
  email_taken: 'has an account already.',
  not_entitled: 'may not be made.',
};
