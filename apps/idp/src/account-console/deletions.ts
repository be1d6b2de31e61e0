import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { cancelDeletion } from '#accounts/changes-deletion.ts';
import { isLastAdmin } from '#accounts/changes-last-admin.ts';
import type { AccountChanges } from '#accounts/changes.ts';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import type { Post } from '#mail/post.ts';
import type { Ledger } from '#revocations/service.ts';
import { endOtherSessions } from '#sessions/others.ts';
import { consume, peek } from '#single-use/service.ts';

type Deps = {
  ledger: Pick<Ledger, 'record' | 'publish'>;
  changes: Pick<AccountChanges, 'remove'>;
  post: Post;
  graceDays: number;
  now: () => Date;
};
type Scheduling = { ok: true } | { ok: false; reason: 'email_mismatch' | 'last_admin' };
export type Deletions = ReturnType<typeof createDeletions>;

const dueAtATime = 100;

/** The end of an account at its owner's wish: announced, open to second thoughts for some days, then done. */
export function createDeletions({ ledger, changes, post, graceDays, now }: Deps) {
  return { graceDays, schedule, cancel, announced, cancelByLink, removeDue };

  /** Signs out everywhere but here and tells the owner, who can stop it with the link in the mail. Asked again, the day stays. */
  async function schedule(
    em: EntityManager,
    { accountId, sessionUid, email }: { accountId: string; sessionUid: string; email: string },
  ): Promise<Scheduling> {
    const refusal = await em.transactional(async (tx) => {
      const account = await locked(tx, accountId);
      if (!account || account.emailNormalized !== normalizeEmail(email)) return 'email_mismatch' as const;
      if (await isLastAdmin(tx, accountId)) return 'last_admin' as const;
      if (account.deletionAt) return undefined;
      const at = now();
      account.deletionAt = new Date(at.getTime() + graceDays * 24 * 3600 * 1000);
      const ending = { accountId, actor: accountId, cause: 'session_ended', at, keepSessionUid: sessionUid } as const;
      const sessionsEnded = await endOtherSessions(tx, ledger, ending);
      const detail = { due: account.deletionAt, sessionsEnded };
      record(tx, { at, actor: accountId, action: 'account.deletion_scheduled', accountId, detail });
      await post.send(tx, { kind: 'deletion_scheduled', accountId });
      return undefined;
    });
    if (refusal) return { ok: false, reason: refusal };
    await ledger.publish();
    return { ok: true };
  }

  async function cancel(em: EntityManager, accountId: string): Promise<void> {
    await em.transactional((tx) => keep(tx, accountId));
  }

  /** When the account that this link keeps is to be deleted. */
  async function announced(em: EntityManager, token: string): Promise<Date | undefined> {
    const issued = await peek(em, { purpose: 'deletion_cancel', token });
    const account = issued?.accountId ? await em.findOne(Account, { id: issued.accountId }) : null;
    return account?.deletionAt ?? undefined;
  }

  async function cancelByLink(em: EntityManager, token: string): Promise<boolean> {
    return em.transactional(async (tx) => {
      const issued = await consume(tx, { purpose: 'deletion_cancel', token });
      return issued?.accountId ? keep(tx, issued.accountId) : false;
    });
  }

  /** Any number of nodes at once: each account is removed by one of them, and none whose owner has just decided to stay. */
  async function removeDue(em: EntityManager): Promise<number> {
    const due = now();
    const rows = await em.execute<{ id: string }[]>(
      'select id from account where deletion_at <= ? order by deletion_at limit ?',
      [due, dueAtATime],
    );
    let removed = 0;
    for (const { id } of rows) {
      const { ok } = await changes.remove(em.fork(), { accountId: id, actor: id, due });
      if (ok) removed += 1;
    }
    return removed;
  }

  async function keep(tx: EntityManager, accountId: string): Promise<boolean> {
    const account = await locked(tx, accountId);
    return account !== null && cancelDeletion(tx, account, { post, actor: accountId, at: now() });
  }

  function locked(tx: EntityManager, id: string): Promise<Account | null> {
    return tx.findOne(Account, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  }
}
