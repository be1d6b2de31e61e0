import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@portcullis/revocation';
import type { JobWithMetadata } from 'pg-boss';
import type { JobQueue } from './outbox.ts';

type Options<Data extends object> = {
  /** Of what is done, for the log. */
  name: string;
  queue: Pick<JobQueue<Data>, 'take'>;
  /** Does one job and says so to the queue. Rejects when PostgreSQL is away: somebody gets the job again after a while. */
  attempt: (job: JobWithMetadata<Data>, signal: AbortSignal) => Promise<void>;
  /** What else is due from time to time. */
  chores?: (() => Promise<void>)[];
  log: Pick<Log, 'info' | 'warn'>;
  pollMs?: number;
  /** Jobs under way at a time. */
  atMost: number;
};

/**
 * Runs on every node: takes what is due and does it, each job by itself, so that a slow one delays no other.
 * Without PostgreSQL it says so once and waits. Disposing it breaks off what is under way; another node repeats that.
 */
export function startWorker<Data extends object>(options: Options<Data>): AsyncDisposable {
  const { name, queue, attempt, chores = [], log, pollMs = 500, atMost } = options;
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let troubled = false;
  const running = run();

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await Promise.all(underWay);
    },
  };

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const taken = await turn();
      const jitter = 0.9 + Math.random() * 0.1;
      if (!taken) await delay(pollMs * jitter, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  /** Answers how many jobs there were; when there was one, there may be more. */
  async function turn(): Promise<number> {
    try {
      const free = atMost - underWay.size;
      const jobs = free > 0 ? await queue.take(free) : [];
      for (const job of jobs) {
        const doing: Promise<void> = attempt(job, stop.signal)
          .catch(complain)
          .finally(() => underWay.delete(doing));
        underWay.add(doing);
      }
      for (const chore of chores) await chore();
      if (troubled) log.info({}, `${name}: going on`);
      troubled = false;
      return jobs.length;
    } catch (error) {
      complain(error);
      return 0;
    }
  }

  /** Once per trouble, not once per turn. */
  function complain(error: unknown): void {
    if (troubled || stop.signal.aborted) return;
    troubled = true;
    log.warn({ err: error }, `${name}: waiting, will be tried again`);
  }
}

/** Does the work when it is due and nothing otherwise; due at once the first time, and again when it failed. */
export function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let next = 0;
  return async () => {
    if (performance.now() < next) return;
    await work();
    next = performance.now() + ms;
  };
}
