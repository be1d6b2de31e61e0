import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@portcullis/revocation';
import type { Job } from 'pg-boss';
import type { Deliveries, OpenDelivery } from './deliveries.ts';
import type { DeliveryChannel } from './deliveries-entity.ts';
import type { Outcome } from './deliveries-http.ts';
import type { Outbox } from './outbox.ts';

/** Makes one try. Never throws for what the recipient does. */
export type Sender = (delivery: OpenDelivery, signal: AbortSignal) => Promise<Outcome>;

type Deps = {
  outbox: Pick<Outbox, 'take' | 'done' | 'failed'>;
  deliveries: Pick<Deliveries, 'open' | 'settle' | 'pending' | 'sweep'>;
  senders: Record<DeliveryChannel, Sender>;
  log: Pick<Log, 'info' | 'warn'>;
  pollMs?: number;
  /** Tries under way at a time. */
  atMost?: number;
};

const countEveryMs = 5000;
const sweepEveryMs = 3_600_000;

/**
 * Runs on every node: takes what is due and sends it, each by itself, so that a slow recipient delays nobody else.
 * Without PostgreSQL it says so once and waits. Disposing it breaks off what is under way; another node repeats that.
 */
export function startDeliveries({ outbox, deliveries, senders, log, pollMs = 500, atMost = 128 }: Deps) {
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let pending: { waiting: number; retrying: number } | undefined;
  let troubled = false;
  const running = run();

  return {
    /** As counted a few seconds ago; undefined before the first count. */
    status: () => pending,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await Promise.all(underWay);
    },
  };

  async function run(): Promise<void> {
    const count = every(countEveryMs, async () => void (pending = await deliveries.pending()));
    const sweep = every(sweepEveryMs, deliveries.sweep);
    while (!stop.signal.aborted) {
      const taken = await turn(count, sweep);
      const jitter = 0.9 + Math.random() * 0.1;
      if (!taken) await delay(pollMs * jitter, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  /** Answers how many jobs there were; when there was one, there may be more. */
  async function turn(...chores: (() => Promise<void>)[]): Promise<number> {
    try {
      const free = atMost - underWay.size;
      const jobs = free > 0 ? await outbox.take(free) : [];
      for (const job of jobs) {
        const doing: Promise<void> = attempt(job).finally(() => underWay.delete(doing));
        underWay.add(doing);
      }
      for (const chore of chores) await chore();
      if (troubled) log.info({}, 'deliveries: going on');
      troubled = false;
      return jobs.length;
    } catch (error) {
      complain(error);
      return 0;
    }
  }

  async function attempt(job: Job): Promise<void> {
    try {
      const delivery = await deliveries.open(job.id);
      if (!delivery) return await outbox.done(job);
      const { channel, recipient } = delivery;
      const outcome = await senders[channel](delivery, stop.signal);
      const state = await deliveries.settle(job.id, outcome);
      if (state === 'given_up') log.warn({ channel, recipient, id: job.id, ...outcome }, 'delivery: given up');
      if (state === 'again' && !outcome.ok) await outbox.failed(job, outcome.error);
      else await outbox.done(job);
    } catch (error) {
      complain(error); // the outbox gives the job to somebody again after a while
    }
  }

  /** Once per trouble, not once per turn. */
  function complain(error: unknown): void {
    if (troubled || stop.signal.aborted) return;
    troubled = true;
    log.warn({ err: error }, 'deliveries: waiting, will be tried again');
  }
}

/** Does the work when it is due and nothing otherwise; due at once the first time, and again when it failed. */
function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let next = 0;
  return async () => {
    if (performance.now() < next) return;
    await work();
    next = performance.now() + ms;
  };
}
