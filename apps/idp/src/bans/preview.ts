import type { Pool } from 'pg';

/** What would end: live sessions, applications by name, devices (distinct user agents of each account). */
export type BanPreview = { accounts: number; sessions: number; applications: string[]; devices: number };
export type BanPreviews = ReturnType<typeof createBanPreviews>;

export function createBanPreviews(pool: Pick<Pool, 'query'>) {
  return { of };

  /** `accounts`: how many of the named ones exist. With `clientIds` only what is open at those applications counts. */
  async function of(accountIds: string[], clientIds?: string[]): Promise<BanPreview> {
    const { rows } = await pool.query<BanPreview>(previewSql, [accountIds, clientIds ?? null]);
    return rows[0] ?? { accounts: 0, sessions: 0, applications: [], devices: 0 };
  }
}

const previewSql = `
  with entered as (
    select g.client_id, g.session_uid, coalesce(c.name, g.client_id) as name
    from oidc_grant g left join client c on c.id = g.client_id
    where g.account_id = any ($1::uuid[]) and g.expires_at > now() and ($2::text[] is null or g.client_id = any ($2))
  ), live as (
    select s.account_id, s.user_agent from sso_session s
    where s.account_id = any ($1::uuid[]) and s.expires_at > now()
      and ($2::text[] is null or s.uid in (select session_uid from entered))
  )
  select (select count(*) from account where id = any ($1::uuid[]))::int as accounts,
         (select count(*) from live)::int as sessions,
         (select count(*) from (select distinct account_id, user_agent from live) d)::int as devices,
         array(select distinct name from entered order by name) as applications`;
