/** What a node needs to serve, as checks that throw. How often they run and how long they may take is decided in @portcullis/http. */
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Ledger } from '#revocations/service.ts';

/** Work for others that waits, as counted a moment ago. */
type Queue = { status(): { waiting: number; retrying: number } | undefined };

type Deps = {
  pool: Pick<Pool, 'query'>;
  redis: Pick<Redis, 'ping'>;
  ledger: Pick<Ledger, 'status'>;
  deliveries: Queue;
  letters: Queue;
};

/** `ready` and `details` are what `healthRoutes` takes. A denylist that is behind is told but does not take the node out: the node is what repairs it. */
export function createHealthChecks({ pool, redis, ledger, deliveries, letters }: Deps) {
  return {
    ready: { postgres, redis: () => redis.ping(), signingKeys },
    details: () => ({
      denylist: ledger.status(),
      deliveries: deliveries.status() ?? null,
      letters: letters.status() ?? null,
    }),
  };

  async function postgres(): Promise<void> {
    await pool.query('select 1');
  }

  async function signingKeys(): Promise<void> {
    const { rowCount } = await pool.query(`select 1 from signing_key where state = 'active' limit 1`);
    if (!rowCount) throw new Error('there is no active signing key');
  }
}
