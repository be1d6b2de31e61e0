import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '@portcullis/http';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import type { Creation } from '#accounts/service.ts';

export async function findAccount(em: EntityManager, email: string): Promise<Account> {
  const account = await em.findOne(Account, { emailNormalized: normalizeEmail(email) });
  if (!account) throw new AppError('missing', 'account_missing', `There is no account with the e-mail ${email}.`);
  return account;
}

export const creationRefusals: Record<Extract<Creation, { ok: false }>['reason'], string> = {
  email_invalid: 'is not an e-mail address.',
  email_taken: 'has an account already.',
  password_too_short: 'needs a longer password: 15 characters or more.',
};
