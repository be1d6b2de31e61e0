import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Cable = Awaited<ReturnType<typeof layCable>>;

/** A TCP connection to `target` (host and port in a URL) that a test can cut, freeze and lead elsewhere. */
export async function layCable(target: string) {
  const ends = new Set<Socket>();
  let [to, isWhole, isFrozen] = [new URL(target), true, false];
  const server = createServer((near) => {
    if (!isWhole) {
      near.destroy();
      return;
    }
    const far = connect(Number(to.port), to.hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end
        .on('error', () => {})
        .on('close', () => {
          ends.delete(end);
          other.destroy();
        });
      end.pipe(other);
      if (isFrozen) end.pause();
    }
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    /** `target` by way of this cable. */
    url: Object.assign(new URL(target), { host }).href,
    /** A fetch that goes this way, whatever host it is asked for; the node at the other end must not mind. */
    fetch: ((input: string | URL | Request, init?: RequestInit) => {
      const url = Object.assign(new URL(input instanceof Request ? input.url : input), { host });
      return fetch(url, init);
    }) satisfies typeof fetch,
    cut(): void {
      isWhole = false;
      for (const end of ends) end.destroy();
    },
    mend(): void {
      isWhole = true;
    },
    /** Nothing moves any more and nobody is told. */
    freeze(): void {
      isFrozen = true;
      for (const end of ends) end.pause();
    },
    thaw(): void {
      isFrozen = false;
      for (const end of ends) end.resume();
    },
    /** What is connected from now on goes there. */
    lead(elsewhere: string): void {
      to = new URL(elsewhere);
    },
    [Symbol.dispose](): void {
      isWhole = false;
      for (const end of ends) end.destroy();
      server.close();
    },
  };
}
