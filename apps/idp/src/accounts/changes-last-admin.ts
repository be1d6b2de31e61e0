import type { EntityManager } from '@mikro-orm/postgresql';

/**
 * Whether no other administrator could sign in if this account stopped being one. Call it in the transaction of the
 * act, before it: two acts that each leave the other's administrator in place follow one another.
 */
export async function isLastAdmin(em: EntityManager, accountId: string): Promise<boolean> {
  await em.execute("select pg_advisory_xact_lock(hashtext('portcullis administrators'))");
  const [found] = await em.execute<{ last: boolean }[]>(
    `select exists (select from account where id = ? and 'admin' = any (roles))
        and not exists (select from account_for_tokens where id <> ? and 'admin' = any (roles)) as last`,
    [accountId, accountId],
  );
  return found?.last ?? false;
}
