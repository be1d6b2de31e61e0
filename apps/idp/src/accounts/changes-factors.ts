import type { EntityManager } from '@mikro-orm/postgresql';

/** Whether the password is not all that the account is asked for. */
export async function hasSecondFactor(em: EntityManager, accountId: string): Promise<boolean> {
  const [found] = await em.execute<{ has: boolean }[]>(
    `select exists (select from totp_authenticator where account_id = ?)
         or exists (select from passkey where account_id = ?) as has`,
    [accountId, accountId],
  );
  return found?.has ?? false;
}

/** Every browser is asked for the second factor again. */
export async function forgetTrustedDevices(tx: EntityManager, accountId: string): Promise<void> {
  await tx.execute('delete from trusted_device where account_id = ?', [accountId]);
}
