import type { EntityManager } from '@mikro-orm/postgresql';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { Refusal } from './failure.ts';

export async function findAccount(em: EntityManager, email: string): Promise<Account> {
  const account = await em.findOne(Account, { emailNormalized: normalizeEmail(email) });
  if (!account) throw new Refusal(`There is no account with the e-mail ${email}.`);
  return account;
}
