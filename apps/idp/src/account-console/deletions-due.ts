import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Deletions } from './deletions.ts';

type Deps = { deletions: Pick<Deletions, 'removeDue'>; orm: Pick<MikroORM, 'em'>; onError: (error: unknown) => void };

/** Removes the accounts whose time has come. One turn a minute, with jitter. */
export function startDeletions({ deletions, orm, onError }: Deps): AsyncDisposable {
  const stop = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await delay(60_000 * (0.8 + Math.random() * 0.4), undefined, { signal: stop.signal }).catch(() => {});
      if (!stop.signal.aborted) await deletions.removeDue(orm.em.fork()).catch(onError);
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
