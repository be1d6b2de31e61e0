import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { isLastAdmin } from '#accounts/changes-last-admin.ts';

/** actor_cut_off: whoever acts was an administrator when the request came and is none any more. */
export type ProtectedReason = 'cannot_ban_self' | 'last_admin' | 'actor_cut_off';

/**
 * Why this account may not be banned, if so. Call it in the transaction of the ban, before it: the account's row stays
 * locked, and acts against administrators follow one another, so of two who ban each other at once one stays.
 */
export async function refusalOf(
  em: EntityManager,
  { accountId, actor }: { accountId: string; actor: string | null },
): Promise<ProtectedReason | undefined> {
  if (actor === accountId) return 'cannot_ban_self';
  const [account] = await em.execute<{ admin: boolean }[]>(
    `select 'admin' = any (roles) as admin from account where id = ? for no key update`,
    [accountId],
  );
  if (!account?.admin) return undefined;
  if (await isLastAdmin(em, accountId)) return 'last_admin';
  return actor !== null && (await wasCutOff(em, actor)) ? 'actor_cut_off' : undefined;
}

async function wasCutOff(em: EntityManager, actor: string): Promise<boolean> {
  if (!z.uuid().safeParse(actor).success) return false; // an operator at the command line
  const admins = await em.execute<unknown[]>(`select from account_for_tokens where id = ? and 'admin' = any (roles)`, [
    actor,
  ]);
  return admins.length === 0;
}
