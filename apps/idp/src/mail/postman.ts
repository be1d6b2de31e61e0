import type { EntityManager } from '@mikro-orm/postgresql';
import type { Log } from '@portcullis/revocation';
import type { JobWithMetadata } from 'pg-boss';
import type { JobQueue } from '#revocations/outbox.ts';
import { every, startWorker } from '#revocations/outbox-worker.ts';
import type { Backlog, LettersWaiting } from './backlog.ts';
import type { Mailer } from './mailer.ts';
import type { Composers, Letter } from './post.ts';

type Deps = {
  newEm: () => EntityManager;
  queue: Pick<JobQueue<Letter>, 'take' | 'done' | 'failed'>;
  backlog: Backlog;
  mailer: Pick<Mailer, 'send'>;
  composers: Composers;
  log: Pick<Log, 'info' | 'warn'>;
};
export type Postman = ReturnType<typeof startPostman>;

/** Then nobody tries any more: what it says is stale, and its links are dead. */
const giveUpAfterMs = 24 * 3_600_000;
const countEveryMs = 5000;
const atMost = 4;

/** Composes and sends the letters that wait, on every node. At least once each: what a node leaves undone another does. */
export function startPostman({ newEm, queue, backlog, mailer, composers, log }: Deps) {
  let waiting: LettersWaiting | undefined;
  const count = every(countEveryMs, async () => void (waiting = await backlog()));
  const worker = startWorker({ name: 'mail', queue, attempt, chores: [count], log, atMost });

  return {
    /** As counted a few seconds ago; undefined before the first count. */
    status: () => waiting,
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };

  async function attempt(job: JobWithMetadata<Letter>): Promise<void> {
    const { id, data: letter, createdOn, retryCount } = job;
    const about = { id, kind: letter.kind };
    if (Date.now() - createdOn.getTime() > giveUpAfterMs) {
      log.warn(about, 'letter: given up after a day');
      return queue.done(job);
    }
    try {
      const outcome = await deliver(letter, id);
      if (outcome === 'refused') log.warn(about, 'letter: given up, the mail server takes none for this address');
    } catch (error) {
      if (retryCount === 0) log.warn({ ...about, reason: reasonOf(error) }, 'letter: not sent, will be tried again');
      return queue.failed(job, reasonOf(error));
    }
    await queue.done(job);
  }

  async function deliver(letter: Letter, id: string): Promise<'sent' | 'refused' | 'nothing_to_say'> {
    const compose = composers[letter.kind];
    if (!compose) throw new Error(`nobody composes ${letter.kind}`); // a newer node may
    const composed = await newEm().transactional((em) => compose(em, letter));
    return composed ? mailer.send(composed, id) : 'nothing_to_say';
  }
}

/** What operators see in the log and in the job: never a message, which may quote an address or a statement. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
