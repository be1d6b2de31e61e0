import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';

/** Whether the password is not all that the account is asked for. */
export async function hasSecondFactor(em: EntityManager, accountId: string): Promise<boolean> {
  return (await factorCount(em, accountId)) > 0;
}

/** An authenticator, and each passkey. */
export async function factorCount(em: EntityManager, accountId: string): Promise<number> {
  const [found] = await em.execute<{ count: number }[]>(
    `select ((select count(*) from totp_authenticator where account_id = ?)
           + (select count(*) from passkey where account_id = ?))::int as count`,
    [accountId, accountId],
  );
  return found?.count ?? 0;
}

/** Every browser is asked for the second factor again. */
export async function forgetTrustedDevices(tx: EntityManager, accountId: string): Promise<void> {
  await tx.execute('delete from trusted_device where account_id = ?', [accountId]);
}

/** What an account proves itself with, and the event of its removal. */
const factors = [
  ['passkey', 'passkey.removed'],
  ['totp_authenticator', 'factor.removed'],
  ['recovery_code', 'recovery_codes.removed'],
] as const;

/** What was added to prove oneself with since somebody else got in: otherwise they would have left a door of their own behind. */
export async function removeFactorsSince(
  tx: EntityManager,
  {
    accountId,
    since,
    at,
    cause,
  }: { accountId: string; since: Date; at: Date; cause: 'not_me' | 'email_change_undone' },
): Promise<void> {
  for (const [table, action] of factors) {
    const gone = await tx.execute<unknown[]>(
      `delete from ${table} where account_id = ? and created_at >= ? returning 1`,
      [accountId, since],
    );
    const detail = { cause, count: gone.length };
    if (gone.length) recordEvent(tx, { at, actor: accountId, action, accountId, detail });
  }
}
