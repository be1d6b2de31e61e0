import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Link = Awaited<ReturnType<typeof startLink>>;

/**
 * A cable to a port of this machine. `cut`: nothing passes any more and nobody is told, as when a switch dies; `heal`:
 * what was sent meanwhile arrives, and the connections go on. `sever`: every connection is reset, new ones are as well.
 */
export async function startLink(target: number) {
  const pairs = new Set<[Socket, Socket]>();
  let state: 'whole' | 'cut' | 'severed' = 'whole';
  const server = createServer((near) => {
    if (state === 'severed') return void near.resetAndDestroy();
    const far = connect(target, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => void to.write(chunk));
      from.on('error', () => undefined);
      from.once('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (state === 'cut') from.pause();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    cut(): void {
      state = 'cut';
      for (const socket of [...pairs].flat()) socket.pause();
    },
    sever(): void {
      state = 'severed';
      for (const [near] of pairs) near.resetAndDestroy();
    },
    heal(): void {
      state = 'whole';
      for (const socket of [...pairs].flat()) socket.resume();
    },
    async stop(): Promise<void> {
      server.close();
      for (const [near] of pairs) near.destroy();
      await once(server, 'close');
    },
  };
}
