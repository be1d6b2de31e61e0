import { randomUUID } from 'node:crypto';

import { type EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { AppError } from '@portcullis/http';

import { record, type AuditLog } from '#audit/service.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import { isEmail, normalizeEmail } from './email.ts';
import { Account } from './entity.ts';
import type { AccountLookup } from './lookup.ts';
import { isLongEnough, type Passwords } from './passwords.ts';

export type NewAccount = {
  email: string;
  name: string;
  /** None: the account cannot sign in by password. */
  password?: string;
  emailVerified?: boolean;
  roles?: string[];
  /** Who makes it: an account id, `cli:<name>`, or null for the system. */
  actor: string | null;
};

export type Creation =
  | { ok: true; account: Account }
  | { ok: false; reason: 'email_invalid' | 'email_taken' | 'password_too_short' };

export type Credentials = {
  email: string;
  password: string;
  /** The address the guess comes from. */
  address: string;
  /** The application the person wants in to, which may have a ban of its own. */
  clientId: string;
};

/** What the person is told about a ban; never its internal reason. */
export type BanNotice = { message: string | null; until: Date | null };

export type SignIn =
  /** `checkedAt`: the password was right then; it may have been changed since. */
  | { ok: true; accountId: string; checkedAt: Date }
  | { ok: false; reason: 'wrong_credentials' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number }
  /** Only ever said after the right password. */
  | { ok: false; reason: 'disabled' }
  | { ok: false; reason: 'banned'; ban: BanNotice };

type Deps = {
  lookup: Pick<AccountLookup, 'forSignIn'>;
  passwords: Passwords;
  throttle: Pick<Throttle, 'reserve'>;
  bans: { active(accountId: string, clientId: string): Promise<BanNotice | undefined> };
  audit: Pick<AuditLog, 'append'>;
  now: () => Date;
};

export type Accounts = ReturnType<typeof createAccounts>;

/** Who may sign in by password. What lives as long as a request (`em`, input) is an argument. */
export function createAccounts({ lookup, passwords, throttle, bans, audit, now }: Deps) {
  return { create, signIn };

  async function create(em: EntityManager, input: NewAccount): Promise<Creation> {
    const emailNormalized = normalizeEmail(input.email);
    if (!isEmail(emailNormalized)) return { ok: false, reason: 'email_invalid' };
    if (input.password !== undefined && !isLongEnough(input.password))
      return { ok: false, reason: 'password_too_short' };
    const at = now();
    const account = em.create(Account, {
      id: randomUUID(),
      email: input.email.trim(),
      emailNormalized,
      emailVerified: input.emailVerified ?? false,
      name: input.name,
      passwordHash: input.password === undefined ? null : await passwords.hash(input.password),
      passwordChangedAt: input.password === undefined ? null : at,
      roles: input.roles ?? [],
      disabledAt: null,
      createdAt: at,
    });
    record(em, { at, actor: input.actor, action: 'account.created', accountId: account.id });
    try {
      await em.flush();
    } catch (error) {
      // The unique index decides, not a SELECT before the INSERT: two creations can race.
      if (error instanceof UniqueConstraintViolationException) return { ok: false, reason: 'email_taken' };
      throw error;
    }
    return { ok: true, account };
  }

  /**
   * The same steps in the same order for every address, known or not: place reserved, row looked up,
   * one hash, answer. Throws AppError 'unavailable' when too many sign-ins are already waiting or PostgreSQL is away (F-10).
   */
  async function signIn(em: EntityManager, { email, password, address, clientId }: Credentials): Promise<SignIn> {
    passwords.refuseWhenBusy();
    const checkedAt = now();
    const reservation = await throttle.reserve({ account: normalizeEmail(email), address });
    if (!reservation.ok) return { ...reservation, reason: 'throttled' };
    const [account, matches] = await test().catch(async (error: unknown) => {
      await reservation.untested();
      throw error;
    });
    if (!account || !matches) return { ok: false, reason: 'wrong_credentials' };
    await reservation.succeeded();

    const at = now();
    const refusal = await refusalOf(account, clientId);
    if (!refusal) await rehash(em, account, password);
    const action = refusal ? 'account.sign_in_refused' : 'account.signed_in';
    const detail = { address, reason: refusal?.reason };
    await audit.append({ at, actor: account.id, action, accountId: account.id, clientId, detail });
    return refusal ?? { ok: true, accountId: account.id, checkedAt };

    async function test() {
      const found = await lookup.forSignIn(email).catch(unreachable);
      return [found, await passwords.verify(found?.passwordHash, password)] as const;
    }
  }

  async function refusalOf(account: { id: string; disabled: boolean }, clientId: string) {
    if (account.disabled) return { ok: false, reason: 'disabled' } as const;
    const ban = await bans.active(account.id, clientId);
    return ban && ({ ok: false, reason: 'banned', ban } as const);
  }

  /** Foreign and older hashes become ours while the password is at hand. When there is no time now, the next sign-in will do. */
  async function rehash(
    em: EntityManager,
    account: { id: string; passwordHash: string | null },
    password: string,
  ): Promise<void> {
    const { id, passwordHash } = account;
    if (passwordHash === null || !passwords.needsRehash(passwordHash)) return;
    const renewed = await passwords.hash(password).catch(() => undefined);
    // Only in place of the hash just verified: a password changed meanwhile must not be undone.
    if (renewed) await em.nativeUpdate(Account, { id, passwordHash }, { passwordHash: renewed });
  }
}

function unreachable(cause: unknown): never {
  throw new AppError(
    'unavailable',
    'accounts_unreachable',
    'Signing in is not possible for a moment. Please try again.',
    {
      cause,
      log: 'accounts cannot be looked up',
      retryAfterSeconds: 5,
    },
  );
}
