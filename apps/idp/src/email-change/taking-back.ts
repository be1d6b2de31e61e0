/** What is left of a change of address for a week: the earlier address, and the right to have it back. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import { issueToken, withdrawSince } from '#single-use/service.ts';

const lifeSeconds = 7 * 24 * 60 * 60;

/** `since`: when it was changed. */
type Earlier = { email: string; since: Date };

export function issueUndo(em: EntityManager, accountId: string, { email, since }: Earlier): Promise<string> {
  const wanted = { accountId, email: normalizeEmail(email), data: { email, since: since.toISOString() } };
  return issueToken(em, { purpose: 'email_change_undo', ...wanted, lifeSeconds });
}

/** Links that were given out since go, for whoever reads the later addresses; earlier ones stay: the first owner has the last word. */
export async function takeBack(
  tx: EntityManager,
  account: Account,
  { email, since }: Earlier,
  at: Date,
): Promise<void> {
  setEmail(account, email);
  await withdrawSince(tx, account.id, since, ['email_change_undo', 'not_me']);
  record(tx, { at, actor: account.id, action: 'account.email_change_undone', accountId: account.id });
}

/** All changes since then, unless the address before them is another account's by now. */
export async function takeBackSince(tx: EntityManager, account: Account, since: Date, at: Date): Promise<void> {
  const [earliest] = await tx.execute<{ email: string; since: string }[]>(
    `select data ->> 'email' as email, data ->> 'since' as since from single_use_token
     where purpose = 'email_change_undo' and account_id = ? and data ->> 'since' >= ? and expires_at > now()
     order by data ->> 'since' limit 1`,
    [account.id, since.toISOString()],
  );
  if (!earliest) return;
  const taken = await tx.count(Account, { emailNormalized: normalizeEmail(earliest.email), id: { $ne: account.id } });
  if (taken === 0) await takeBack(tx, account, { email: earliest.email, since: new Date(earliest.since) }, at);
}

export function setEmail(account: Account, email: string): void {
  account.email = email;
  account.emailNormalized = normalizeEmail(email);
  account.emailVerified = true;
}
