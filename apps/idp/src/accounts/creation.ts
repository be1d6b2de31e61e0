import { randomUUID } from 'node:crypto';
import { type EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import type { Locale } from '@portcullis/ui';
import { record } from '#audit/service.ts';
import { isEmail, normalizeEmail } from './email.ts';
import { Account } from './entity.ts';
import type { PasswordPolicy, PasswordWeakness } from './password-policy.ts';
import type { Passwords } from './passwords.ts';

export type NewAccount = {
  email: string;
  name: string;
  /** None: the account cannot sign in by password. */
  password?: string;
  emailVerified?: boolean;
  roles?: string[];
  /** The language of pages and mails. */
  locale?: Locale;
  /** Who makes it: an account id, `cli:<name>`, `self` for somebody who registers, or null for the system. */
  actor: string | null;
  /** Uses up what gives the right to do it, in the transaction of the act; false: the right is gone. */
  claim?: (tx: EntityManager) => Promise<boolean>;
};

export type Creation =
  | { ok: true; account: Account }
  | { ok: false; reason: 'email_invalid' | 'email_taken' | 'not_entitled' | `password_${PasswordWeakness}` };

type Deps = { passwords: Pick<Passwords, 'hash'>; policy: PasswordPolicy; now?: () => Date };
export type AccountCreation = ReturnType<typeof createAccountCreation>;

export function createAccountCreation({ passwords, policy, now = () => new Date() }: Deps) {
  return { create };

  async function create(em: EntityManager, input: NewAccount): Promise<Creation> {
    const { email, name, password, actor, claim } = input;
    const emailNormalized = normalizeEmail(email);
    if (!isEmail(emailNormalized)) return { ok: false, reason: 'email_invalid' };
    const judged = password === undefined ? { ok: true as const } : await policy.judge(password, { email, name });
    if (!judged.ok) return { ok: false, reason: `password_${judged.reason}` };
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    const at = now();
    try {
      return await em.transactional(async (tx) => {
        if (claim && !(await claim(tx))) return { ok: false, reason: 'not_entitled' };
        const account = tx.create(Account, {
          id: randomUUID(),
          email: email.trim(),
          emailNormalized,
          emailVerified: input.emailVerified ?? false,
          name,
          passwordHash,
          passwordChangedAt: passwordHash === null ? null : at,
          roles: input.roles ?? [],
          disabledAt: null,
          locale: input.locale ?? null,
          picture: null,
          deletionAt: null,
          createdAt: at,
        });
        const by =
          actor === 'self' ? { actor: account.id, action: 'account.registered' } : { actor, action: 'account.created' };
        record(tx, { ...by, at, accountId: account.id });
        return { ok: true, account };
      });
    } catch (error) {
      // The unique index decides, not a SELECT before the INSERT: two creations can race.
      if (error instanceof UniqueConstraintViolationException) return { ok: false, reason: 'email_taken' };
      throw error;
    }
  }
}
