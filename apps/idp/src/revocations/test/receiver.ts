/** An application's or an operator's address: keeps what it is sent, and answers as a test wants it to. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Received = { path: string; headers: IncomingHttpHeaders; body: string; at: number };
type Answer = number | ((response: ServerResponse) => void);
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

export async function startReceiver() {
  const received: Received[] = [];
  const answers = new Map<string, Answer>();
  let { server, port } = await start(0);

  return {
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    /** What came to the path, oldest first. */
    at: (path: string) => received.filter((request) => request.path === path),
    /** From now on; 200 where nothing is said. */
    answer: (path: string, answer: Answer) => void answers.set(path, answer),
    /** Connections are refused from now on. */
    stop: () => stop(),
    async comeBack() {
      ({ server } = await start(port));
    },
    [Symbol.asyncDispose]: stop,
  };

  async function start(at: number) {
    const started = createServer((request, response) => {
      void text(request).then((body) => {
        const path = request.url ?? '';
        received.push({ path, headers: request.headers, body, at: Date.now() });
        const answer = answers.get(path) ?? 200;
        if (typeof answer === 'number') response.writeHead(answer).end();
        else answer(response);
      });
    }).listen(at, '127.0.0.1');
    await once(started, 'listening');
    return { server: started, port: (started.address() as AddressInfo).port };
  }

  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
