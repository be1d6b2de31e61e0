import { LockMode } from '@mikro-orm/core';
import { type EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import type { Locale } from '@portcullis/ui';
import type { AccountChanges } from '#accounts/changes.ts';
import { removeFactorsSince } from '#accounts/changes-factors.ts';
import { withdrawOpenLinks } from '#accounts/changes-password.ts';
import { isEmail, normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import type { MailAllowance } from '#mail/allowance.ts';
import type { Post } from '#mail/post.ts';
import { consume, peek } from '#single-use/service.ts';
import { issueUndo, setEmail, takeBack } from './taking-back.ts';

/** How long whoever changes an address that is not theirs may have been in before. */
const intruderMs = 24 * 3_600_000;

type Deps = {
  changes: Pick<AccountChanges, 'requireNewPassword'>;
  post: Pick<Post, 'send'>;
  allowance: MailAllowance;
  now: () => Date;
};
type Wanted = { accountId: string; email: string; address: string; locale?: Locale };
type Refused<Reason extends string> = { ok: false; reason: Reason };
type Outcome = { ok: true } | Refused<'not_entitled' | 'email_taken'>;
export type EmailChange = ReturnType<typeof createEmailChange>;

/**
 * A new address counts when a link that was sent to it comes back; the earlier address is told and can take the change
 * back for a week. Whether an address is taken is only said to whoever reads its mail.
 */
export function createEmailChange({ changes, post, allowance, now }: Deps) {
  return { request, wanted, confirm, undoing, undo };

  /** Sends the link; nothing, and no word of it, past the allowance. `address`: where the person is. */
  async function request(
    em: EntityManager,
    { accountId, email, address, locale }: Wanted,
  ): Promise<{ ok: true } | Refused<'email_invalid'>> {
    const typed = email.normalize('NFKC').trim();
    if (!isEmail(normalizeEmail(typed))) return { ok: false, reason: 'email_invalid' };
    if (await allowance.take({ email: normalizeEmail(typed), address })) {
      const data = { askedAt: now().toISOString() };
      const letter = { kind: 'email_change', accountId, email: typed, data, ...(locale && { locale }) } as const;
      await em.transactional((tx) => post.send(tx, letter));
    }
    return { ok: true };
  }

  /** The address a link would make the account's. */
  async function wanted(em: EntityManager, token: string): Promise<string | undefined> {
    return addressIn(await peek(em, { purpose: 'email_change', token }));
  }

  async function confirm(em: EntityManager, token: string): Promise<Outcome> {
    return unlessTaken(() =>
      em.transactional(async (tx) => {
        const id = (await peek(tx, { purpose: 'email_change', token }))?.accountId;
        const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
        const account = id ? await tx.findOne(Account, { id }, held) : null;
        const email = addressIn(await consume(tx, { purpose: 'email_change', token }));
        if (!account || email === undefined) return { ok: false, reason: 'not_entitled' };
        const at = now();
        const before = account.email;
        setEmail(account, email);
        await withdrawOpenLinks(tx, account.id);
        record(tx, { at, actor: account.id, action: 'account.email_changed', accountId: account.id });
        // Nobody gets this token: it keeps the address until the letter is written, which brings one of its own.
        await issueUndo(tx, account.id, { email: before, since: at });
        const data = { changedAt: at.toISOString() };
        await post.send(tx, { kind: 'email_changed', accountId: account.id, email: before, data });
        return { ok: true };
      }),
    );
  }

  /** The address a link would give back. */
  async function undoing(em: EntityManager, token: string): Promise<string | undefined> {
    return addressIn(await peek(em, { purpose: 'email_change_undo', token }));
  }

  /**
   * Whoever made the change was not the owner: the address is the earlier one again, everybody is signed out, and the
   * password is nobody's, and what was added to prove oneself with since a day before is gone.
   */
  async function undo(em: EntityManager, token: string): Promise<Outcome> {
    const accountId = (await peek(em, { purpose: 'email_change_undo', token }))?.accountId;
    if (!accountId) return { ok: false, reason: 'not_entitled' };
    const claim = async (tx: EntityManager, account: Account): Promise<boolean> => {
      const issued = await consume(tx, { purpose: 'email_change_undo', token });
      const email = addressIn(issued);
      if (issued?.accountId !== account.id || email === undefined) return false;
      const at = now();
      const changedAt = new Date(String(issued.data['since']));
      await takeBack(tx, account, { email, since: changedAt }, at);
      const since = new Date(changedAt.getTime() - intruderMs);
      await removeFactorsSince(tx, { accountId: account.id, since, at, cause: 'email_change_undone' });
      return true;
    };
    return unlessTaken(async () => {
      const { ok } = await changes.requireNewPassword(em, { accountId, actor: accountId, claim });
      return ok ? { ok } : { ok, reason: 'not_entitled' };
    });
  }
}

function addressIn(issued: { data: Record<string, unknown> } | undefined): string | undefined {
  return typeof issued?.data['email'] === 'string' ? issued.data['email'] : undefined;
}

/** The unique index decides, not a SELECT before the UPDATE: two changes can race. What was refused leaves its link as it was. */
async function unlessTaken(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) return { ok: false, reason: 'email_taken' };
    throw error;
  }
}
