import type { EntityManager } from '@mikro-orm/postgresql';
import { record } from '#audit/service.ts';
import type { Post } from '#mail/post.ts';
import { withdraw } from '#single-use/service.ts';
import type { Account } from './entity.ts';

/** The account stays, and its owner is told. In the transaction that holds it; false: it was not to be deleted. */
export async function cancelDeletion(
  tx: EntityManager,
  account: Account,
  { post, actor, at }: { post: Pick<Post, 'send'>; actor: string | null; at: Date },
): Promise<boolean> {
  if (!account.deletionAt) return false;
  const accountId = account.id;
  account.deletionAt = null;
  await withdraw(tx, accountId, ['deletion_cancel']);
  record(tx, { at, actor, action: 'account.deletion_cancelled', accountId });
  await post.send(tx, { kind: 'deletion_cancelled', accountId });
  return true;
}
