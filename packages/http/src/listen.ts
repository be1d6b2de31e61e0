import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type Koa from 'koa';
import { MAX_BODY_BYTES } from './bodies.ts';
import { namesOnlyOurHosts } from './hosts.ts';

const MAX_URL_BYTES = 8 * 1024;
/** Browsers send the cookies of every application on localhost to each of them, so there must be room. */
const MAX_HEADER_BYTES = 32 * 1024;

export type Listening = { url: string; port: number } & AsyncDisposable;

/**
 * Serves `koa`. What names a host we do not serve is answered 421 before koa sees it; URL, headers,
 * declared body and their times are bounded. Port 0 takes a free port, which then stands for the
 * port 0 of `allowedHosts` too. Disposing emits `draining` on koa, stops accepting, finishes what is in flight, and cuts what is left after `drainMs`.
 */
export async function listen(
  koa: Koa,
  options: {
    port: number;
    host?: string;
    allowedHosts: string[];
    drainMs?: number;
    /** Addresses that take larger bodies than the others, and how large. */
    largerBodies?: Record<string, number>;
  },
): Promise<Listening> {
  const handle = koa.callback();
  const allowed = new Set<string>();
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 15_000 },
    (req, res) => {
      res.once('close', () => {
        // Node closes what is idle when the draining begins; what was busy then becomes idle only now.
        if (!server.listening) setImmediate(() => server.closeIdleConnections());
      });
      if (!server.listening) res.setHeader('Connection', 'close');
      const refusal = refuse(req, allowed, options.largerBodies?.[req.url ?? ''] ?? MAX_BODY_BYTES);
      if (refusal) plainly(res, refusal.status, refusal.text);
      else void handle(req, res);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const port = portOf(server);
  for (const host of options.allowedHosts) allowed.add(host.toLowerCase().replace(/:0$/, `:${port}`));
  return {
    port,
    url: `http://${options.host ?? 'localhost'}:${port}`,
    [Symbol.asyncDispose]() {
      koa.emit('draining'); // for answers that end only when told to
      return drain(server, options.drainMs ?? 10_000);
    },
  };
}

function refuse(
  req: IncomingMessage,
  allowed: ReadonlySet<string>,
  maxBodyBytes: number,
): { status: number; text: string } | undefined {
  if ((req.url?.length ?? 0) > MAX_URL_BYTES) return { status: 414, text: 'The address is too long.' };
  if (!namesOnlyOurHosts(req, allowed)) return { status: 421, text: 'This server does not serve that host.' };
  if (Number(req.headers['content-length'] ?? 0) > maxBodyBytes) return { status: 413, text: 'The body is too large.' };
  return undefined;
}

/** Nothing of the request is repeated, and the connection ends: the rest of it is not worth reading. */
function plainly(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  res.end(`${text}\n`);
}

async function drain(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === 'object' && address) return address.port;
  throw new Error('the server is not listening on a port');
}
