/** The applications an account has been to, and taking back what it allowed one of them. The rows belong to #protocol. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { record as recordEvent } from '#audit/service.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteAccess } from './access.ts';

type Deps = { pool: Pick<Pool, 'query'>; ledger: Pick<Ledger, 'record' | 'publish'>; now?: () => Date };

export type EnteredApplication = {
  clientId: string;
  name: string;
  /** What it may ask for, of OpenID Connect and of resources. */
  scopes: string[];
  firstUsedAt: Date;
  /** How many live sign-in sessions have been to it. */
  sessions: number;
};
export type WithdrawalResult = { ok: true; delivery: Delivery } | { ok: false; reason: 'not_found' };
export type Applications = ReturnType<typeof createApplications>;

export function createApplications({ pool, ledger, now = () => new Date() }: Deps) {
  return { list, withdraw };

  /** Those that still have access, by name. */
  async function list(accountId: string): Promise<EnteredApplication[]> {
    const { rows } = await pool.query<EnteredApplication>(listSql, [accountId]);
    return rows;
  }

  /**
   * The application's tokens for this account, its grants and refresh tokens are gone; sessions at other applications
   * stay. Entered again, it begins anew. not_found: it has no access to take back.
   */
  async function withdraw(
    em: EntityManager,
    { accountId, clientId, actor }: { accountId: string; clientId: string; actor: string | null },
  ): Promise<WithdrawalResult> {
    const withdrawn = await em.transactional(async (tx) => {
      const sql = 'select 1 from oidc_grant where account_id = ? and client_id = ? for update';
      if (!(await tx.execute<unknown[]>(sql, [accountId, clientId])).length) return false;
      const at = now();
      const target = { kind: 'account-at-client', sub: accountId, clientId } as const;
      await ledger.record(tx, { target, cause: 'consent_withdrawn', issuedBefore: at, actor });
      recordEvent(tx, { at, actor, action: 'consent.withdrawn', accountId, clientId });
      await deleteAccess(tx, accountId, [clientId]);
      return true;
    });
    return withdrawn ? { ok: true, delivery: await ledger.publish() } : { ok: false, reason: 'not_found' };
  }
}

/** A grant's payload: `openid.scope`, and `resources` from resource to scope (oidc-provider). */
const listSql = `
  select g.client_id as "clientId", coalesce(c.name, g.client_id) as name,
         array(select distinct scope from oidc_grant o,
                 lateral (select o.payload #>> '{openid,scope}' as listed
                          union all
                          select value from jsonb_each_text(coalesce(o.payload -> 'resources', '{}'))) named,
                 lateral unnest(string_to_array(named.listed, ' ')) scope
               where o.account_id = $1 and o.client_id = g.client_id and o.expires_at > now() order by 1) as scopes,
         min(g.created_at) as "firstUsedAt",
         count(distinct s.uid)::int as sessions
  from oidc_grant g
  left join client c on c.id = g.client_id
  left join sso_session s on s.uid = g.session_uid and s.expires_at > now()
  where g.account_id = $1 and g.expires_at > now()
  group by g.client_id, c.name
  order by 2`;
