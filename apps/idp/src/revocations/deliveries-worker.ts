import type { Log } from '@portcullis/revocation';
import type { Job } from 'pg-boss';
import type { Deliveries, OpenDelivery } from './deliveries.ts';
import type { DeliveryChannel } from './deliveries-entity.ts';
import type { Outcome } from './deliveries-http.ts';
import type { Turns } from './outbox.ts';
import { every, startWorker } from './outbox-worker.ts';

/** Makes one try. Never throws for what the recipient does. */
export type Sender = (delivery: OpenDelivery, signal: AbortSignal) => Promise<Outcome>;

type Deps = {
  outbox: Pick<Turns, 'take' | 'done' | 'failed'>;
  deliveries: Pick<Deliveries, 'open' | 'settle' | 'pending' | 'sweep'>;
  senders: Record<DeliveryChannel, Sender>;
  log: Pick<Log, 'info' | 'warn'>;
  pollMs?: number;
  /** Tries under way at a time. */
  atMost?: number;
};

const countEveryMs = 5000;
const sweepEveryMs = 3_600_000;

/** Sends what is due, on every node; what a node that stops had under way is repeated by another. */
export function startDeliveries({ outbox, deliveries, senders, log, pollMs, atMost = 128 }: Deps) {
  let pending: { waiting: number; retrying: number } | undefined;
  const count = every(countEveryMs, async () => void (pending = await deliveries.pending()));
  const chores = [count, every(sweepEveryMs, deliveries.sweep)];
  const worker = startWorker({
    name: 'deliveries',
    queue: outbox,
    attempt,
    chores,
    log,
    atMost,
    ...(pollMs && { pollMs }),
  });

  return {
    /** As counted a few seconds ago; undefined before the first count. */
    status: () => pending,
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };

  async function attempt(job: Job, signal: AbortSignal): Promise<void> {
    const delivery = await deliveries.open(job.id);
    if (!delivery) return outbox.done(job);
    const { channel, recipient } = delivery;
    const outcome = await senders[channel](delivery, signal);
    const state = await deliveries.settle(job.id, outcome);
    if (state === 'given_up') log.warn({ channel, recipient, id: job.id, ...outcome }, 'delivery: given up');
    if (state === 'again' && !outcome.ok) await outbox.failed(job, outcome.error);
    else await outbox.done(job);
  }
}
