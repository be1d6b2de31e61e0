/** The applications an account has been to, and taking back what it allowed one of them. The rows belong to #protocol. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { record as recordEvent } from '#audit/service.ts';
import { forgetConsent } from '#consent/service.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteAccess } from './access.ts';

type Deps = { pool: Pick<Pool, 'query'>; ledger: Pick<Ledger, 'record' | 'publish'>; now?: () => Date };

export type EnteredApplication = {
  clientId: string;
  name: string;
  /** Where people are sent with what they allowed, in ASCII. */
  domain: string | null;
  logoUrl: string | null;
  /** Ours; the others had to ask. */
  firstParty: boolean;
  /** What it may ask for, of OpenID Connect and of resources. */
  scopes: string[];
  /** Resource indicators (RFC 8707). */
  resources: string[];
  firstUsedAt: Date;
  lastUsedAt: Date;
  /** How many live sign-in sessions have been to it. */
  sessions: number;
};
export type WithdrawalResult = { ok: true; delivery: Delivery } | { ok: false; reason: 'not_found' };
export type Applications = ReturnType<typeof createApplications>;

export function createApplications({ pool, ledger, now = () => new Date() }: Deps) {
  return { list, withdraw };

  /** Those that still have access, or would get it without asking, by name. */
  async function list(accountId: string): Promise<EnteredApplication[]> {
    type Row = Omit<EnteredApplication, 'domain'> & { redirectUri: string | null };
    const { rows } = await pool.query<Row>(listSql, [accountId]);
    return rows.map(({ redirectUri, ...entered }) => ({ ...entered, domain: domainOf(redirectUri) }));
  }

  /**
   * The application's tokens for this account, its grants and refresh tokens are gone, and so is what was allowed; sessions
   * at other applications stay. Entered again, it begins anew. not_found: it has no access to take back.
   */
  async function withdraw(
    em: EntityManager,
    { accountId, clientId, actor }: { accountId: string; clientId: string; actor: string | null },
  ): Promise<WithdrawalResult> {
    const withdrawn = await em.transactional(async (tx) => {
      const hadConsent = await forgetConsent(tx, { accountId, clientId });
      const sql = 'select 1 from oidc_grant where account_id = ? and client_id = ? for update';
      const grants = await tx.execute<unknown[]>(sql, [accountId, clientId]);
      if (!hadConsent && !grants.length) return false;
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

function domainOf(redirectUri: string | null): string | null {
  return redirectUri === null ? null : new URL(redirectUri).host;
}

/** A grant's payload: `openid.scope`, and `resources` from resource to scope (oidc-provider). Built-in applications are in no table. */
const listSql = `
  with given as (
    select client_id, session_uid, payload, created_at,
           (select max(used_at) from refresh_family where grant_id = g.id) as refreshed_at
    from oidc_grant g where account_id = $1 and expires_at > now()),
  remembered as (select client_id, scopes, resources, given_at, last_used_at from consent where account_id = $1),
  entered as (
    select client_id, max(at) as at from audit_event
    where account_id = $1 and action = 'application.entered' group by client_id)
  select c.id as "clientId", c.name, c.logo_uri as "logoUrl", c.first_party as "firstParty",
         c.metadata -> 'redirect_uris' ->> 0 as "redirectUri",
         array(select unnest(string_to_array(payload #>> '{openid,scope}', ' ')) from given where client_id = c.id
               union select unnest(string_to_array(value, ' ')) from given, jsonb_each_text(payload -> 'resources')
                     where client_id = c.id
               union select unnest(scopes) from remembered where client_id = c.id
               order by 1) as scopes,
         array(select jsonb_object_keys(payload -> 'resources') from given where client_id = c.id
               union select unnest(resources) from remembered where client_id = c.id
               order by 1) as resources,
         least((select min(created_at) from given where client_id = c.id), r.given_at) as "firstUsedAt",
         greatest((select greatest(max(created_at), max(refreshed_at)) from given where client_id = c.id), r.last_used_at,
                  e.at) as "lastUsedAt",
         (select count(distinct s.uid)::int from given g join sso_session s on s.uid = g.session_uid
          where g.client_id = c.id and s.expires_at > now()) as sessions
  from client c
  left join remembered r on r.client_id = c.id
  left join entered e on e.client_id = c.id
  where c.id in (select client_id from given union select client_id from remembered)
  order by c.name, c.id`;
