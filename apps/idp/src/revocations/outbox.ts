/**
 * Jobs in PostgreSQL, written in the transaction of the act that causes them: what is rolled back is never done, what is
 * committed is done at least once, by whichever node comes first. pg-boss keeps them in a schema of its own.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Log } from '@portcullis/revocation';
import type { Pool } from 'pg';
import { fromKysely, PgBoss, type Job, type KyselyTransactionLike } from 'pg-boss';

const schema = 'pgboss';
const queue = 'delivery';

/** Where the jobs stand, for statements that ask when one is tried next: `name`, `id`, `state`, `start_after`. */
export const jobTable = { name: `${schema}.job`, queue };

/** 1 s, 2 s, 4 s … 30 s with jitter, for as long as whoever does the job says that it failed. */
const retries = { retryLimit: 100_000, retryDelay: 1, retryBackoff: true, retryDelayMax: 30 };
/** A node that died in the middle of a job holds it this long. */
const expireInSeconds = 15;
/** At most this many jobs of one group are done at the same time, on all nodes together. */
const groupConcurrency = 16;
const secondsPerDay = 24 * 3600;

export type OutboxJob = { id: string; group: string };
export type Outbox = ReturnType<typeof createOutbox>;

/** Makes pg-boss' schema or brings it up to date. Part of `portcullis migrate`, not of a node's start. */
export async function migrateOutbox(pool: Pick<Pool, 'query'>): Promise<void> {
  const boss = newBoss(pool, { migrate: true, supervise: false });
  boss.on('error', () => {}); // start and createQueue reject as well
  await boss.start();
  try {
    const settings = { ...retries, expireInSeconds, retentionSeconds: 30 * secondsPerDay, deleteAfterSeconds: 3600 };
    await boss.createQueue(queue);
    await boss.updateQueue(queue, settings);
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * Nothing is connected before the first job. Give it a pool without time limits shorter than its own maintenance, of its
 * own where jobs are done: a backlog then takes no connection from those who wait for an answer.
 */
export function createOutbox({ pool, log }: { pool: Pick<Pool, 'query'>; log: Pick<Log, 'warn'> }) {
  let opening: Promise<PgBoss> | undefined;
  let complaint = '';
  return { enqueue, take, done, failed, [Symbol.asyncDispose]: close };

  /** In the caller's transaction, without which it throws: a job must not outlive the act that was rolled back. */
  async function enqueue(em: EntityManager, jobs: OutboxJob[]): Promise<void> {
    const transaction = em.getTransactionContext<KyselyTransactionLike>();
    if (!transaction) throw new Error('a job is enqueued in the transaction of its act, and there is none');
    const boss = await open();
    const rows = jobs.map(({ id, group }) => ({ id, group: { id: group } }));
    await boss.insert(queue, rows, { db: fromKysely(transaction) });
  }

  /** Jobs that are due, oldest first; each is the caller's until `done`, `failed` or 15 seconds. */
  async function take(atMost: number): Promise<Job[]> {
    const boss = await open();
    return boss.fetch(queue, { batchSize: atMost, groupConcurrency });
  }

  async function done(job: Job): Promise<void> {
    await (await open()).complete(queue, job);
  }

  /** It will be due again, later each time. */
  async function failed(job: Job, reason: string): Promise<void> {
    await (await open()).fail(queue, job, { reason });
  }

  function open(): Promise<PgBoss> {
    opening ??= start().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function start(): Promise<PgBoss> {
    const boss = newBoss(pool, { migrate: false, supervise: true });
    boss.on('error', complain);
    try {
      return await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false });
      throw error;
    }
  }

  /** Of the queue's own maintenance, which is tried again; once per change of trouble. */
  function complain(error: Error): void {
    if (error.message === complaint) return;
    complaint = error.message;
    log.warn({ err: error }, 'outbox: maintenance failed, will be tried again');
  }

  async function close(): Promise<void> {
    const boss = await opening?.catch(() => undefined);
    await boss?.stop({ graceful: false });
  }
}

function newBoss(pool: Pick<Pool, 'query'>, options: { migrate: boolean; supervise: boolean }): PgBoss {
  return new PgBoss({
    ...options,
    schema,
    db: { executeSql: (text, values) => pool.query(text, values) },
    schedule: false,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
    flowIntervalSeconds: 3600,
  });
}
