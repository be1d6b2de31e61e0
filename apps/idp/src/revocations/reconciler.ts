import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from './service.ts';

/**
 * Runs on every node: repeats what a dead node or an absent Redis left unpublished, and rebuilds a Redis that lost data.
 * The first turn is made at once. Nodes do not get into each other's way: publication takes a lock, a look takes none.
 */
export function startReconciler({
  ledger,
  intervalMs = 1000,
}: {
  ledger: Pick<Ledger, 'reconcile'>;
  intervalMs?: number;
}): AsyncDisposable {
  const stop = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await ledger.reconcile();
      const jitter = 0.8 + Math.random() * 0.4;
      await delay(intervalMs * jitter, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
