import type { Receipt } from '@portcullis/revocation';
import type { Pool } from 'pg';
import type { DeliveryReport } from '#revocations/deliveries.ts';

type Deps = {
  pool: Pick<Pool, 'query'>;
  mirrors: { of(entries: { id: string; seq: number }[]): Promise<Receipt[]> };
  deliveries: { of(revocationIds: string[]): Promise<DeliveryReport[]> };
};

export type ReceiptsOfBan = {
  publishedAt: Date | null;
  /** null: Redis cannot be asked. */
  mirrors: Receipt[] | null;
  deliveries: DeliveryReport[];
  complete: boolean;
};
export type BanReceipts = ReturnType<typeof createBanReceipts>;

/** Proof that an act has bitten: from the verifiers by way of Redis, from those who are written to by way of PostgreSQL. */
export function createBanReceipts({ pool, mirrors, deliveries }: Deps) {
  return { of };

  async function of(revocationIds: string[]): Promise<ReceiptsOfBan> {
    const entries = await published(revocationIds);
    const sent = await deliveries.of(revocationIds);
    if (!entries) return { publishedAt: null, mirrors: [], deliveries: sent, complete: false };
    const told = await mirrors.of(entries).catch(() => null);
    return {
      publishedAt: new Date(Math.max(...entries.map(({ publishedAt }) => publishedAt.getTime()))),
      mirrors: told,
      deliveries: sent,
      complete:
        told !== null &&
        told.every(({ state }) => state === 'enforced') &&
        sent.every(({ state }) => state === 'delivered'),
    };
  }

  /** The entries as Redis knows them; undefined until it has them all. */
  async function published(ids: string[]) {
    const { rows } = await pool.query<{ id: string; seq: number; publishedAt: Date | null }>(
      `select id, seq::float8 as seq, published_at as "publishedAt" from revocation where id = any ($1::uuid[])`,
      [ids],
    );
    const entries = rows.flatMap(({ publishedAt, ...entry }) => (publishedAt ? [{ ...entry, publishedAt }] : []));
    return entries.length === ids.length ? entries : undefined;
  }
}
