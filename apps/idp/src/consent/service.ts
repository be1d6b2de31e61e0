import type { EntityManager } from '@mikro-orm/postgresql';
import { record } from '#audit/service.ts';
import { Consent } from './entity.ts';

/** What was allowed: scopes of OpenID Connect, and resources (RFC 8707). */
export type Allowed = { scopes: string[]; resources: string[] };
type Whose = { accountId: string; clientId: string };
export type Consents = ReturnType<typeof createConsents>;

/** What people allow the applications of others: one memory for each account and application. */
export function createConsents({ now }: { now: () => Date }) {
  return { of, give };

  /** What the account allows the application so far. */
  async function of(em: EntityManager, { accountId, clientId }: Whose): Promise<Allowed> {
    const consent = await em.findOne(Consent, { account: accountId, client: clientId });
    return { scopes: consent?.scopes ?? [], resources: consent?.resources ?? [] };
  }

  /** Adds to what the account allowed before; of two that add at once none is lost. */
  async function give(em: EntityManager, { accountId, clientId, scopes, resources }: Whose & Allowed): Promise<void> {
    const at = now();
    await em.transactional(async (tx) => {
      await tx.execute(
        `insert into consent as known (account_id, client_id, scopes, resources, given_at, last_used_at)
         values (?, ?, array(select jsonb_array_elements_text(?)), array(select jsonb_array_elements_text(?)), ?, ?)
         on conflict (account_id, client_id) do update
         set scopes = array(select unnest(known.scopes) union select unnest(excluded.scopes)),
             resources = array(select unnest(known.resources) union select unnest(excluded.resources)),
             last_used_at = excluded.last_used_at`,
        [accountId, clientId, JSON.stringify(scopes), JSON.stringify(resources), at, at],
      );
      record(tx, { at, actor: accountId, action: 'consent.given', accountId, clientId, detail: { scopes, resources } });
    });
  }
}

/**
 * The application asks again next time. Before the grants go: who makes one from the consent holds its row, so a request
 * in flight is either waited for or comes too late. Answers whether there was any.
 */
export async function forgetConsent(em: EntityManager, { accountId, clientId }: Whose): Promise<boolean> {
  const sql = 'delete from consent where account_id = ? and client_id = ? returning 1';
  return (await em.execute<unknown[]>(sql, [accountId, clientId], 'all')).length > 0;
}
