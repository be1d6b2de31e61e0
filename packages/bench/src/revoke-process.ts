import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Order, Reply } from './revoke-orders.ts';

export type FleetProcess = ReturnType<typeof startFleetProcess>;

/** A process that holds mirrors. Orders are carried out one after the other. */
export function startFleetProcess() {
  const child = fork(new URL('revoke-fleet.ts', import.meta.url), { execArgv: ['--expose-gc', ...process.execArgv] });
  const endWithBench = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithBench);
  child.setMaxListeners(0);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(order: Order): Promise<Reply> {
      const asked = last.then(() => exchange(order));
      last = asked.catch(() => {});
      return asked;
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithBench);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };

  async function exchange(order: Order): Promise<Reply> {
    const ended = new AbortController();
    try {
      child.send(order);
      const [answer] = (await Promise.race([
        once(child, 'message', { signal: ended.signal }),
        once(child, 'exit', { signal: ended.signal }).then(([code]) => {
          throw new Error(`a process of the fleet ended with code ${String(code)}`);
        }),
      ])) as [Answer];
      if (!answer.ok) throw new Error(answer.error);
      return answer.reply;
    } finally {
      ended.abort();
    }
  }
}
