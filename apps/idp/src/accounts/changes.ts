/** What is done to an account that exists and cuts somebody off: each act with its ledger entry and audit event in one transaction, then published. */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import { nextSecond } from '#revocations/entry.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteAccess } from '#sessions/access.ts';
import { endOtherSessions } from '#sessions/others.ts';
import { isLastAdmin } from './changes-last-admin.ts';
import { Account } from './entity.ts';
import { isLongEnough, type Passwords } from './passwords.ts';

type Deps = {
  ledger: Pick<Ledger, 'record' | 'reopen' | 'publish'>;
  passwords: Pick<Passwords, 'hash'>;
  now?: () => Date;
};

/** An account, and who acts: an account id, `cli:<name>`, or null for the system. */
type Act = { accountId: string; actor: string | null };
type Changed<Reason extends string> = { ok: true; delivery: Delivery } | { ok: false; reason: Reason };
export type AccountChanges = ReturnType<typeof createAccountChanges>;

export function createAccountChanges({ ledger, passwords, now = () => new Date() }: Deps) {
  return { changePassword, setRoles, remove, disable, enable };

  /**
   * Every session but `keepSessionUid` ends, with an entry of its own: so a token that a refresh or a code exchange in
   * flight still mints is dead whatever its `iat`, while the first sign-in with the new password is alive at once.
   * Throws AppError 'invalid' for a password past the cap.
   */
  async function changePassword(
    em: EntityManager,
    { accountId, actor, password, keepSessionUid }: Act & { password: string; keepSessionUid?: string },
  ): Promise<Changed<'not_found' | 'password_too_short'>> {
    if (!isLongEnough(password)) return { ok: false, reason: 'password_too_short' };
    const passwordHash = await passwords.hash(password);
    return change<never>(em, accountId, async (tx, account) => {
      const at = now();
      account.passwordHash = passwordHash;
      account.passwordChangedAt = at;
      const ending = { accountId, actor, cause: 'password_changed', at, keepSessionUid } as const;
      const ended = await endOtherSessions(tx, ledger, ending);
      const detail = { sessionsEnded: ended, ...(keepSessionUid === undefined ? {} : { kept: keepSessionUid }) };
      recordEvent(tx, { at, actor, action: 'account.password_changed', accountId, detail });
      return undefined;
    });
  }

  /** Nobody is signed out: old tokens are dead, and applications renew theirs, whereupon they carry the new roles. */
  async function setRoles(
    em: EntityManager,
    { accountId, actor, roles }: Act & { roles: string[] },
  ): Promise<Changed<'not_found' | 'last_admin'>> {
    return change(em, accountId, async (tx, account) => {
      const wanted = [...new Set(roles)].toSorted((a, b) => a.localeCompare(b));
      if (!wanted.includes('admin') && (await isLastAdmin(tx, accountId))) return 'last_admin' as const;
      const at = now();
      const before = account.roles;
      account.roles = wanted;
      const target = { kind: 'account', sub: accountId } as const;
      await ledger.record(tx, { target, cause: 'roles_changed', issuedBefore: at, actor });
      recordEvent(tx, { at, actor, action: 'account.roles_changed', accountId, detail: { before, after: wanted } });
      return undefined;
    });
  }

  /** The row goes, and with it everything that says who it was; bans, ledger and audit log keep the bare id. */
  async function remove(em: EntityManager, { accountId, actor }: Act): Promise<Changed<'not_found' | 'last_admin'>> {
    return change(em, accountId, async (tx, account) => {
      if (await isLastAdmin(tx, accountId)) return 'last_admin' as const;
      await cutOff(tx, accountId, actor, 'account_deleted');
      recordEvent(tx, { at: now(), actor, action: 'account.deleted', accountId });
      tx.remove(account);
      return undefined;
    });
  }

  /** Switched off until `enable`: a state of the account and not a judgement on the person, hence no ban. */
  async function disable(em: EntityManager, { accountId, actor }: Act): Promise<Changed<'not_found' | 'last_admin'>> {
    return change(em, accountId, async (tx, account) => {
      if (await isLastAdmin(tx, accountId)) return 'last_admin' as const;
      account.disabledAt ??= now();
      await cutOff(tx, accountId, actor, 'ban');
      recordEvent(tx, { at: now(), actor, action: 'account.disabled', accountId });
      return undefined;
    });
  }

  /** Old tokens stay dead. Returns when new ones live, within a second of the act. */
  async function enable(em: EntityManager, { accountId, actor }: Act): Promise<Changed<'not_found' | 'not_disabled'>> {
    const at = now();
    const changed = await change(em, accountId, async (tx, account) => {
      if (!account.disabledAt) return 'not_disabled' as const;
      account.disabledAt = null;
      await ledger.reopen(tx, { kind: 'account', sub: accountId }, at);
      await deleteAccess(tx, accountId, null); // what a request in flight may have stored meanwhile
      recordEvent(tx, { at, actor, action: 'account.enabled', accountId });
      return undefined;
    });
    if (changed.ok) await nextSecond(at);
    return changed;
  }

  async function cutOff(
    em: EntityManager,
    accountId: string,
    actor: string | null,
    cause: 'account_deleted' | 'ban',
  ): Promise<void> {
    const target = { kind: 'account', sub: accountId } as const;
    await ledger.record(em, { target, cause, issuedBefore: null, noneFollow: true, actor });
    await deleteAccess(em, accountId, null);
  }

  /** The account is locked: of two changes at once the second sees what the first made of it. */
  async function change<Reason extends string>(
    em: EntityManager,
    accountId: string,
    act: (tx: EntityManager, account: Account) => Promise<Reason | undefined>,
  ): Promise<Changed<Reason | 'not_found'>> {
    const refusal = await em.transactional(async (tx) => {
      const account = await tx.findOne(
        Account,
        { id: accountId },
        { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
      );
      return account ? act(tx, account) : 'not_found';
    });
    return refusal === undefined ? { ok: true, delivery: await ledger.publish() } : { ok: false, reason: refusal };
  }
}
