/** What is done to an account that exists and cuts somebody off: each act with its ledger entry and audit event in one transaction, then published. */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import type { Post } from '#mail/post.ts';
import { nextSecond } from '#revocations/entry.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteAccess } from '#sessions/access.ts';
import { endOtherSessions } from '#sessions/others.ts';
import { cancelDeletion } from './changes-deletion.ts';
import { forgetTrustedDevices, hasSecondFactor } from './changes-factors.ts';
import { isLastAdmin } from './changes-last-admin.ts';
import { disablePassword, withdrawOpenLinks } from './changes-password.ts';
import { Account } from './entity.ts';
import type { PasswordPolicy, PasswordWeakness } from './password-policy.ts';
import type { Passwords } from './passwords.ts';

type Deps = {
  ledger: Pick<Ledger, 'record' | 'reopen' | 'publish'>;
  passwords: Pick<Passwords, 'hash'>;
  policy: PasswordPolicy;
  post: Pick<Post, 'send'>;
  now?: () => Date;
};

/** An account, and who acts: an account id, `cli:<name>`, or null for the system. */
type Act = { accountId: string; actor: string | null };
type Claim = { claim?: (tx: EntityManager, account: Account) => Promise<boolean> };
type NewPassword = Act &
  Claim & {
    password: string;
    /** Whatever else the account is asked for: its last second factor is to go. */
    mustStandAlone?: boolean;
    keepSessionUid?: string;
    keepAllSessions?: boolean;
  };
type Changed<Reason extends string> = { ok: true; delivery: Delivery } | { ok: false; reason: Reason };
export type AccountChanges = ReturnType<typeof createAccountChanges>;

export function createAccountChanges({ ledger, passwords, policy, post, now = () => new Date() }: Deps) {
  return { changePassword, requireNewPassword, setRoles, remove, disable, enable };

  /**
   * Links that would set another password stop working, devices are no longer trusted, the owner is told by mail, and
   * every session but `keepSessionUid` ends (see `endOtherSessions`), or none where `keepAllSessions`.
   * `claim` uses up what gives the right to do it, in the transaction of the act; false: the right is gone.
   */
  async function changePassword(
    em: EntityManager,
    { accountId, actor, password, mustStandAlone, keepSessionUid, keepAllSessions = false, claim }: NewPassword,
  ): Promise<Changed<'not_found' | 'not_entitled' | `password_${PasswordWeakness}`>> {
    const owner = await em.findOne(Account, { id: accountId });
    if (!owner) return { ok: false, reason: 'not_found' };
    const { email, name } = owner;
    const alone = await policy.judge(password, { email, name });
    const mayLean = !alone.ok && !mustStandAlone && (await hasSecondFactor(em, accountId));
    const judged = mayLean ? await policy.judge(password, { email, name, secondFactor: true }) : alone;
    if (!judged.ok) return { ok: false, reason: `password_${judged.reason}` };
    const passwordHash = await passwords.hash(password);
    return change<'not_entitled' | `password_${PasswordWeakness}`>(em, accountId, async (tx, account) => {
      if (!alone.ok && !(await hasSecondFactor(tx, accountId))) return `password_${alone.reason}`; // it went meanwhile
      if (claim && !(await claim(tx, account))) return 'not_entitled';
      const at = now();
      account.passwordHash = passwordHash;
      account.passwordStandsAlone = alone.ok;
      account.passwordChangedAt = at;
      await withdrawOpenLinks(tx, accountId);
      await forgetTrustedDevices(tx, accountId);
      const ending = { accountId, actor, cause: 'password_changed', at, keepSessionUid } as const;
      const ended = keepAllSessions ? 0 : await endOtherSessions(tx, ledger, ending);
      const detail = { sessionsEnded: ended, ...(keepSessionUid === undefined ? {} : { kept: keepSessionUid }) };
      recordEvent(tx, { at, actor, action: 'account.password_changed', accountId, detail });
      await post.send(tx, { kind: 'password_changed', accountId });
      return undefined;
    });
  }

  /**
   * For an owner who says that somebody else was in: the password is nobody's any more, everything that is open ends,
   * the account is not deleted, and a letter brings the link to choose a new password. `claim` as of `changePassword`.
   */
  async function requireNewPassword(
    em: EntityManager,
    { accountId, actor, claim }: Act & Claim,
  ): Promise<Changed<'not_found' | 'not_entitled'>> {
    return change<'not_entitled'>(em, accountId, async (tx, account) => {
      if (claim && !(await claim(tx, account))) return 'not_entitled';
      const at = now();
      await forgetTrustedDevices(tx, accountId);
      const ended = await endOtherSessions(tx, ledger, { accountId, actor, cause: 'password_changed', at });
      await disablePassword(tx, account, { post, actor, at, detail: { sessionsEnded: ended } });
      await cancelDeletion(tx, account, { post, actor, at });
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

  /**
   * The row goes, and with it everything that says who it was; bans, ledger and audit log keep the bare id.
   * `due`: not_found unless its own time to be deleted has come by then.
   */
  async function remove(
    em: EntityManager,
    { accountId, actor, due }: Act & { due?: Date },
  ): Promise<Changed<'not_found' | 'last_admin'>> {
    return change(em, accountId, async (tx, account) => {
      if (due && !(account.deletionAt && account.deletionAt <= due)) return 'not_found' as const;
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
