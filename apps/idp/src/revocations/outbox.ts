/**
 * Jobs in PostgreSQL, written in the transaction of the act that causes them: what is rolled back is never done, what is
 * committed is done at least once, by whichever node comes first. pg-boss keeps them in a schema of its own.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Log } from '@portcullis/revocation';
import type { Pool } from 'pg';
import { fromKysely, PgBoss, type Job, type JobWithMetadata, type KyselyTransactionLike } from 'pg-boss';
import type { Letter } from '#mail/post.ts';

const schema = 'pgboss';
const secondsPerDay = 24 * 3600;

/**
 * What is tried again waits `retryDelay` seconds, then twice as long each time, up to `retryDelayMax`, with jitter, for as
 * long as whoever does the job says that it failed. A node that died in the middle of a job holds it `expireInSeconds`.
 */
const queues = {
  delivery: { retryDelay: 1, retryDelayMax: 30, expireInSeconds: 15, retentionSeconds: 30 * secondsPerDay },
  mail: { retryDelay: 5, retryDelayMax: 600, expireInSeconds: 60, retentionSeconds: 2 * secondsPerDay },
};
type QueueName = keyof typeof queues;
const forAll = { retryLimit: 100_000, retryBackoff: true, deleteAfterSeconds: 3600 };

/** Where the jobs stand, for statements that ask when one is tried next: `name`, `id`, `state`, `start_after`. */
export const jobTable = { name: `${schema}.job`, deliveries: 'delivery', mail: 'mail' } as const;

/** At most this many jobs of one group are done at the same time, on all nodes together. */
const groupConcurrency = 16;

/** `data` is readable to operators and in backups: nothing secret. */
type NewJob<Data extends object> = { id?: string; group?: string; data?: Data };
export type JobQueue<Data extends object> = {
  /** In the caller's transaction, without which it throws: a job must not outlive the act that was rolled back. */
  enqueue(this: void, em: EntityManager, jobs: NewJob<Data>[]): Promise<void>;
  /** Jobs that are due, oldest first; each is the caller's until `done`, `failed`, or the time of its queue is over. */
  take(this: void, atMost: number): Promise<JobWithMetadata<Data>[]>;
  done(this: void, job: Job<Data>): Promise<void>;
  /** It will be due again, later each time. */
  failed(this: void, job: Job<Data>, reason: string): Promise<void>;
};
export type Outbox = ReturnType<typeof createOutbox>;
/** The queue of deliveries: they are rows of their own, the job is only their turn. */
export type Turns = JobQueue<object>;

/** Makes pg-boss' schema or brings it up to date. Part of `portcullis migrate`, not of a node's start. */
export async function migrateOutbox(pool: Pick<Pool, 'query'>): Promise<void> {
  const boss = newBoss(pool, { migrate: true, supervise: false });
  boss.on('error', () => {}); // start and createQueue reject as well
  await boss.start();
  try {
    for (const [name, settings] of Object.entries(queues)) {
      await boss.createQueue(name);
      await boss.updateQueue(name, { ...forAll, ...settings });
    }
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
  return { deliveries: queue<object>('delivery'), mail: queue<Letter>('mail'), [Symbol.asyncDispose]: close };

  function queue<Data extends object>(name: QueueName): JobQueue<Data> {
    return {
      async enqueue(em, jobs) {
        const transaction = em.getTransactionContext<KyselyTransactionLike>();
        if (!transaction) throw new Error('a job is enqueued in the transaction of its act, and there is none');
        const boss = await open();
        const rows = jobs.map(({ group, ...job }) => ({ ...job, ...(group && { group: { id: group } }) }));
        await boss.insert(name, rows, { db: fromKysely(transaction) });
      },
      take: async (atMost) =>
        (await open()).fetch<Data>(name, { batchSize: atMost, groupConcurrency, includeMetadata: true }),
      done: async (job) => void (await (await open()).complete(name, job)),
      failed: async (job, reason) => void (await (await open()).fail(name, job, { reason })),
    };
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
