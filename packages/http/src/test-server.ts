import { connect } from 'node:net';
import Router from '@koa/router';
import type Koa from 'koa';
import { createKoa, type KoaOptions } from './koa.ts';
import { listen, type Listening } from './listen.ts';
import { createLog } from './log.ts';

/** A real server with our koa in front of `routes`; `lines` is what it logged. */
export async function serve(
  routes: (router: Router, koa: Koa) => void,
  options: Partial<KoaOptions> & { drainMs?: number } = {},
): Promise<Listening & { lines: string[] }> {
  const lines: string[] = [];
  const log = createLog({
    name: 'test',
    level: 'debug',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const koa = createKoa({
    log,
    trustedHops: 0,
    https: false,
    errorPage: (problem) => `<h1>${problem.title}</h1>`,
    ...options,
  });
  const router = new Router();
  routes(router, koa);
  koa.use(router.routes());
  koa.use(router.allowedMethods());
  const server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'], drainMs: options.drainMs ?? 2000 });
  return Object.assign(server, { lines });
}

/** Sends these bytes and returns everything that came back until the server closed: for requests no client would write. */
export function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close on us while we still send.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.write(request);
  });
}
