import DataLoader from 'dataloader';
import type { Pool } from 'pg';
import type { RefreshHandle } from './refresh-handles.ts';

type Rotation = RefreshHandle & { ttlSeconds: number };

/**
 * Rotates refresh token families. What the requests of this node ask for while one statement is under way goes into the
 * next: one round trip and one commit for all of them. Atomic: of any number of callers with the same rotation, on any
 * number of nodes, exactly one gets true.
 */
export function createRotations(pool: Pick<Pool, 'query'>): (rotation: Rotation) => Promise<boolean> {
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<Rotation, boolean>(rotateAll, {
    cache: false,
    maxBatchSize: 100,
    batchScheduleFn: (run) => void underWay.then(() => setImmediate(run)),
  });
  return (rotation) => loader.load(rotation);

  async function rotateAll(wanted: readonly Rotation[]): Promise<boolean[]> {
    const statement = pool.query<RefreshHandle>({
      name: 'refresh-families-rotate',
      text: rotateSql,
      values: [
        wanted.map(({ family }) => family),
        wanted.map(({ rotation }) => rotation),
        wanted.map(({ ttlSeconds }) => ttlSeconds),
      ],
    });
    underWay = statement.catch(() => undefined);
    const rotated = new Set((await statement).rows.map(nameOf));
    return wanted.map((rotation) => rotated.delete(nameOf(rotation)));
  }
}

function nameOf({ family, rotation }: RefreshHandle): string {
  return `${family} ${rotation}`;
}

/** Locked in one order, so that two nodes with the same families wait for each other and never both. */
const rotateSql = `
  with mine as (
    select r.id, w.ttl from refresh_family r
    join unnest($1::text[], $2::int[], $3::int[]) as w (id, rotation, ttl) on w.id = r.id and w.rotation = r.rotation
    where r.expires_at > now() order by r.id for update of r)
  update refresh_family r
  set rotation = r.rotation + 1, used_at = now(), expires_at = now() + make_interval(secs => mine.ttl)
  from mine where r.id = mine.id
  returning r.id as family, r.rotation - 1 as rotation`;
