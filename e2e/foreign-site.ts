import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Somebody else's pages, by their paths, at two origins. `sibling` differs from ours by the port alone: to a browser it is
 * the same site, and what it sends us comes with our cookies. `stranger` is another site.
 */
export async function openForeignSite(pages: Record<string, string> = {}) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Win a castle</title>${pages[request.url ?? ''] ?? ''}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    sibling: `http://localhost:${port}`,
    stranger: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
