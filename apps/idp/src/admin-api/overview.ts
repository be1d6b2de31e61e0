import type { Receipt } from '@portcullis/revocation';
import type { Pool } from 'pg';

type Counts = {
  accounts: number;
  activeSessions: number;
  bansInForce: number;
  liveRevocations: number;
  signInsLastDay: number;
  refusalsLastDay: number;
};
type SeenMirror = { app: string; instance: string; state: 'in_touch' | 'not_seen'; lastSeenMs: number };
export type SystemOverview = ReturnType<typeof createOverview>;

/** A mirror speaks every second or so. */
const inTouchMs = 5000;

export function createOverview({
  pool,
  mirrors,
}: {
  pool: Pick<Pool, 'query'>;
  mirrors: { of(entries: []): Promise<Receipt[]> };
}) {
  return { take };

  /** `mirrors` is null while Redis cannot be asked. */
  async function take(): Promise<Counts & { mirrors: SeenMirror[] | null }> {
    const [{ rows }, seen] = await Promise.all([pool.query<Counts>(countsSql), mirrors.of([]).catch(() => null)]);
    const [counts] = rows;
    if (!counts) throw new Error('a select without from gives one row');
    return {
      ...counts,
      mirrors:
        seen?.map(({ app, instance, lastSeenMs }) => ({
          app,
          instance,
          state: lastSeenMs > inTouchMs ? 'not_seen' : 'in_touch',
          lastSeenMs,
        })) ?? null,
    };
  }
}

/** A big table is estimated: counting a million rows would take as long as everything else together. */
const countsSql = `
  select (select case when reltuples > 200000 then reltuples::bigint else (select count(*) from account) end
          from pg_class where oid = 'account'::regclass)::int as accounts,
         (select count(*) from sso_session where expires_at > now())::int as "activeSessions",
         (select count(*) from ban where lifted_at is null and (until is null or until > now()))::int as "bansInForce",
         (select count(*) from revocation where expires_at is null or expires_at > now())::int as "liveRevocations",
         (select count(*) from audit_event
          where action = 'account.signed_in' and at > now() - interval '1 day')::int as "signInsLastDay",
         (select count(*) from audit_event
          where action = 'account.sign_in_refused' and at > now() - interval '1 day')::int as "refusalsLastDay"`;
