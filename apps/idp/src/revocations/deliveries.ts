/** What was sent beside the denylist, to whom, and how that went. */
import type { Pool } from 'pg';
import type { DeliveryChannel } from './deliveries-entity.ts';
import type { Outcome } from './deliveries-http.ts';
import { jobTable } from './outbox.ts';

/** Then nobody tries any more. */
const giveUpAfter = '24 hours';
const keep = '30 days';
const sweepRows = 5000;

export type DeliveryState = 'waiting' | 'delivered' | 'retrying' | 'given_up';
export type DeliveryReport = {
  id: string;
  channel: DeliveryChannel;
  /** A client's id or a webhook's name. */
  recipient: string;
  state: DeliveryState;
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  deliveredAt: Date | null;
  /** null also while a try is under way. */
  nextAttemptAt: Date | null;
};
export type OpenDelivery = {
  id: string;
  channel: DeliveryChannel;
  recipient: string;
  payload: Record<string, unknown>;
  createdAt: Date;
};
export type Deliveries = ReturnType<typeof createDeliveries>;

const report = `
  select d.id, d.channel, d.recipient, d.attempts, d.last_error as "lastError", d.created_at as "createdAt",
         d.delivered_at as "deliveredAt", j.start_after as "nextAttemptAt",
         case when d.delivered_at is not null then 'delivered' when d.given_up_at is not null then 'given_up'
              when d.attempts = 0 then 'waiting' else 'retrying' end as state
  from delivery d
  left join ${jobTable.name} j on j.name = '${jobTable.deliveries}' and j.id = d.id and j.state in ('created', 'retry')`;

export function createDeliveries({ pool }: { pool: Pick<Pool, 'query'> }) {
  return { of, latestTo, pending, open, settle, sweep };

  /** Those that the named ledger entries caused. */
  async function of(revocationIds: string[]): Promise<DeliveryReport[]> {
    const { rows } = await pool.query<DeliveryReport>(
      `${report} where d.revocation_id = any ($1::uuid[]) order by d.channel, d.recipient, d.created_at`,
      [revocationIds],
    );
    return rows;
  }

  /** The newest first. */
  async function latestTo(channel: DeliveryChannel, recipient: string, atMost: number): Promise<DeliveryReport[]> {
    const { rows } = await pool.query<DeliveryReport>(
      `${report} where d.channel = $1 and d.recipient = $2 order by d.created_at desc limit $3`,
      [channel, recipient, atMost],
    );
    return rows;
  }

  async function pending(): Promise<{ waiting: number; retrying: number }> {
    const { rows } = await pool.query<{ waiting: number; retrying: number }>(
      `select count(*) filter (where attempts = 0)::int as waiting, count(*) filter (where attempts > 0)::int as retrying
       from delivery where delivered_at is null and given_up_at is null`,
    );
    return rows[0] ?? { waiting: 0, retrying: 0 };
  }

  /** What there is to send; undefined when it was settled before. */
  async function open(id: string): Promise<OpenDelivery | undefined> {
    const { rows } = await pool.query<OpenDelivery>(
      `select id, channel, recipient, payload, created_at as "createdAt" from delivery
       where id = $1 and delivered_at is null and given_up_at is null`,
      [id],
    );
    return rows[0];
  }

  /** Writes a try down. */
  async function settle(id: string, outcome: Outcome): Promise<'delivered' | 'again' | 'given_up'> {
    const { status } = outcome;
    const [error, final] = outcome.ok ? [null, false] : [outcome.error, outcome.final === true];
    const { rows } = await pool.query<{ state: 'delivered' | 'again' | 'given_up' }>(
      `update delivery
       set attempts = attempts + 1, last_attempt_at = now(), last_status = $2, last_error = $3,
           delivered_at = case when $4 then now() end,
           given_up_at = case when not $4 and ($5 or created_at < now() - interval '${giveUpAfter}') then now() end
       where id = $1
       returning case when delivered_at is not null then 'delivered'
                      when given_up_at is not null then 'given_up' else 'again' end as state`,
      [id, status, error, outcome.ok, final],
    );
    return rows[0]?.state ?? 'given_up';
  }

  async function sweep(): Promise<void> {
    await pool.query(
      `delete from delivery where ctid = any (array(
         select ctid from delivery where created_at < now() - interval '${keep}' limit ${sweepRows} for update skip locked))`,
    );
  }
}
