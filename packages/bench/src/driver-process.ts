import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Load, Order, Reply } from './driver.ts';
import type { Measurement } from './load.ts';

export type Driver = ReturnType<typeof startDriver>;

export function startDriver() {
  const child = fork(new URL('driver.ts', import.meta.url));
  return {
    prepare: (load: Load): Promise<unknown> => ask({ step: 'prepare', load }),
    renew: (): Promise<unknown> => ask({ step: 'renew' }),
    async run(seconds: number): Promise<Measurement> {
      const { measurement } = await ask({ step: 'run', seconds });
      if (!measurement) throw new Error('the driver ran and measured nothing');
      return measurement;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };

  async function ask(order: Order): Promise<Extract<Reply, { ok: true }>> {
    child.send(order);
    const ended = new AbortController();
    try {
      const [reply] = (await Promise.race([
        once(child, 'message', { signal: ended.signal }),
        once(child, 'exit', { signal: ended.signal }).then(([code]) => {
          throw new Error(`the driver ended with code ${String(code)}`);
        }),
      ])) as [Reply];
      if (!reply.ok) throw new Error(reply.error);
      return reply;
    } finally {
      ended.abort();
    }
  }
}
