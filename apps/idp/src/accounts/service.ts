import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '@portcullis/http';

import type { AuditLog } from '#audit/service.ts';
import type { FamiliarBrowser } from '#rate-limit/familiar-browsers.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import { normalizeEmail } from './email.ts';
import { Account } from './entity.ts';
import { type AccountLookup, type Person, personColumns } from './lookup.ts';
import type { Passwords } from './passwords.ts';

export type Credentials = {
  email: string;
  password: string;
  /** The address the guess comes from. */
  address: string;
  /** For a browser that may be at home at this address: whether it is at the account's, see Throttle. */
  familiar?: ((owner: Person) => FamiliarBrowser | undefined) | undefined;
  /** The application the person wants in to, which may have a ban of its own. */
  clientId: string;
};

/** What the person is told about a ban; never its internal reason. */
export type BanNotice = { message: string | null; until: Date | null };

export type SignIn =
  /** `checkedAt`: the password was right then; it may have been changed since. */
  | { ok: true; person: Person; checkedAt: Date }
  | { ok: false; reason: 'wrong_credentials' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number }
  | Refused;

/** Only ever said to whoever has shown the password or a passkey. */
export type Refused = { ok: false; reason: 'disabled' } | { ok: false; reason: 'banned'; ban: BanNotice };

export type Standing =
  | { ok: true; person: Person }
  /** The account is deleted, or its password was changed since it was shown: the sign-in begins anew. */
  | { ok: false; reason: 'outdated' }
  | Refused;

type Completion = {
  person: Person;
  address: string;
  browser?: FamiliarBrowser | undefined;
  clientId: string;
  /** A second factor, or a passkey, was part of it. */
  factorShown: boolean;
  acr: string;
  amr: string[];
};

type Deps = {
  lookup: Pick<AccountLookup, 'forSignIn'>;
  passwords: Passwords;
  throttle: Pick<Throttle, 'reserve' | 'clear'>;
  bans: { active(accountId: string, clientId: string): Promise<BanNotice | undefined> };
  audit: Pick<AuditLog, 'append'>;
  now: () => Date;
};

export type Accounts = ReturnType<typeof createAccounts>;

/** Who may sign in by password. What lives as long as a request (`em`, input) is an argument. */
export function createAccounts({ lookup, passwords, throttle, bans, audit, now }: Deps) {
  return { signIn, standing, completed };

  /**
   * The first step of a sign-in. Other factors may follow, so the right password only gives its place back: wrong guesses
   * before it are forgotten by `completed`. The same steps in the same order for every address, known or not:
   * place reserved, row looked up, one hash, answer; in a browser that may be at home there the row comes first, for
   * it says whose place. Throws AppError 'unavailable' when too many sign-ins are already waiting or PostgreSQL is away (F-10).
   */
  async function signIn(
    em: EntityManager,
    { email, password, address, familiar, clientId }: Credentials,
  ): Promise<SignIn> {
    passwords.refuseWhenBusy();
    const checkedAt = now();
    const early = familiar && (await lookup.forSignIn(email).catch(unreachable));
    const browser = early && familiar(early);
    const reservation = await throttle.reserve({ account: normalizeEmail(email), address, browser });
    if (!reservation.ok) return { ...reservation, reason: 'throttled' };
    const [account, matches] = await test().catch(async (error: unknown) => {
      await reservation.untested();
      throw error;
    });
    if (!account || !matches) return { ok: false, reason: 'wrong_credentials' };
    await reservation.untested();

    const { passwordHash, disabled, ...person } = account;
    const refusal = await refusalOf({ accountId: account.id, disabled, clientId });
    if (refusal) {
      await auditRefusal({ person, address, clientId, reason: refusal.reason });
      return refusal;
    }
    await rehash(em, { id: account.id, passwordHash }, password);
    return { ok: true, person, checkedAt };

    async function test() {
      const found = early ?? (await lookup.forSignIn(email).catch(unreachable));
      return [found, await passwords.verify(found?.passwordHash, password)] as const;
    }
  }

  /** Whether a sign-in under way may still go on. `since`: when it began, at its password or passkey. */
  async function standing(
    em: EntityManager,
    { accountId, clientId, since }: { accountId: string; clientId: string; since: Date },
  ): Promise<Standing> {
    const [found] = await em.execute<(Person & { disabled: boolean; outdated: boolean })[]>(standingSql, [
      since,
      accountId,
    ]);
    if (!found || found.outdated) return { ok: false, reason: 'outdated' };
    const { disabled, outdated: _, ...person } = found;
    return (await refusalOf({ accountId, disabled, clientId })) ?? { ok: true, person };
  }

  /** A sign-in has shown all that was demanded: it is on record, and wrong guesses before it are forgotten. */
  async function completed(completion: Completion): Promise<void> {
    const { person, address, browser, clientId, factorShown, acr, amr } = completion;
    const detail = { address, acr, amr };
    const event = { at: now(), actor: person.id, action: 'account.signed_in', accountId: person.id, clientId, detail };
    const account = normalizeEmail(person.email);
    await Promise.all([audit.append(event), throttle.clear({ account, browser, factorShown })]);
  }

  async function auditRefusal(o: { person: Person; address: string; clientId: string; reason: string }): Promise<void> {
    const { id } = o.person;
    const detail = { address: o.address, reason: o.reason };
    const action = 'account.sign_in_refused';
    await audit.append({ at: now(), actor: id, action, accountId: id, clientId: o.clientId, detail });
  }

  async function refusalOf(o: {
    accountId: string;
    disabled: boolean;
    clientId: string;
  }): Promise<Refused | undefined> {
    if (o.disabled) return { ok: false, reason: 'disabled' };
    const ban = await bans.active(o.accountId, o.clientId);
    return ban && { ok: false, reason: 'banned', ban };
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

const standingSql = `
  select ${personColumns}, disabled_at is not null as disabled,
         coalesce(password_changed_at > ?, false) as outdated
  from account where id = ?`;

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
