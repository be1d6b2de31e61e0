import type { Revocation } from '@portcullis/revocation';
import type { Pool, QueryConfig } from 'pg';
import { wireColumns } from './entry.ts';

export type LedgerPosition = { epoch: string; seq: number };
export type Changes = LedgerPosition & { entries: Revocation[] };
export type FeedLedger = ReturnType<typeof createFeedLedger>;

const timeoutMs = 2000;

/**
 * An entry that Redis does not have yet has no number, or the one of its former version. It travels with a fraction
 * that puts it after that version, before any number the publisher can give, and a lift after what it lifts.
 */
const travelling = `
  select ${wireColumns.replace('seq::float8', 'coalesce(seq, 0)::float8 + case when published_at is not null then 0 when issued_before is null then 0.25 else 0.5 end as seq')}
  from revocation`;
const alive = '(expires_at is null or expires_at > now())';

/** The ledger as the feed reads it: PostgreSQL knows every revocation, whatever Redis knows. */
export function createFeedLedger(pool: Pick<Pool, 'query'>) {
  return { changes, pages };

  /**
   * Where the ledger stands, and what is newer than `after` or not numbered yet, in one snapshot; without what of the
   * unnumbered is `told` already (see toldKey), and no more than `limit`. What has run out is not left out: it may be a
   * ban that was lifted, and whoever has not heard of the lift would keep it for ever. null: nothing was ever published.
   */
  async function changes(after: number, o: { told?: string[]; limit?: number } = {}): Promise<Changes | null> {
    const { rows } = await pool.query<{ epoch: string | null; seq: number; entries: Revocation[] }>(
      patiently({
        name: 'feed-changes',
        text: `
        select epoch, seq::float8,
          (select coalesce(json_agg(e), '[]') from (
             ${travelling}
             where seq > $1 or (published_at is null
               and id || case when issued_before is null then '' else '.' end not in (select unnest($2::text[])))
             limit $3) e) as entries
        from denylist_position where id = 'redis'`,
        values: [after, o.told ?? [], o.limit ?? null],
      }),
    );
    const [row] = rows;
    if (!row || row.epoch === null) return null;
    return { epoch: row.epoch, seq: row.seq, entries: row.entries.toSorted((a, b) => a.seq - b.seq) };
  }

  /** Every live entry, in pages; one written after the first page was asked for may be missing. */
  async function* pages(size: number): AsyncGenerator<Revocation[]> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const { rows } = await pool.query<Revocation>(
        patiently({
          name: 'feed-page',
          text: `${travelling} where id > $1 and ${alive} order by id limit $2`,
          values: [after, size],
        }),
      );
      yield rows;
      after = rows.at(-1)?.id ?? after;
      if (rows.length < size) return;
    }
  }
}

/** Names a version of an entry without its number: the only change that is ever made to one is that it is lifted. */
export function toldKey({ id, issuedBefore }: Revocation): string {
  return issuedBefore === null ? id : `${id}.`;
}

/** A database that hangs is given up here, and not when TCP gives up. */
function patiently(statement: QueryConfig): QueryConfig {
  const limited = { ...statement, query_timeout: timeoutMs };
  return limited;
}
