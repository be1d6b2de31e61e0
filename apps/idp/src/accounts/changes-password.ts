import type { EntityManager } from '@mikro-orm/postgresql';
import { record } from '#audit/service.ts';
import type { Post } from '#mail/post.ts';
import { withdraw } from '#single-use/service.ts';
import type { Account } from './entity.ts';

/** Links and codes made out for the password, or the address, that the account had. */
export function withdrawOpenLinks(tx: EntityManager, accountId: string): Promise<void> {
  return withdraw(tx, accountId, ['password_reset', 'email_change', 'email_code']);
}

/** The password is nobody's any more, and a letter brings the link to choose a new one. In the transaction that holds the account. */
export async function disablePassword(
  tx: EntityManager,
  account: Account,
  { post, actor, at, detail }: { post: Pick<Post, 'send'>; actor: string | null; at: Date; detail?: object },
): Promise<void> {
  const accountId = account.id;
  account.passwordHash = null;
  account.passwordStandsAlone = true;
  account.passwordChangedAt = at;
  await withdrawOpenLinks(tx, accountId);
  record(tx, { at, actor, action: 'account.password_disabled', accountId, detail: { ...detail } });
  await post.send(tx, { kind: 'password_reset', accountId, data: { askedAt: at.toISOString() } });
}
