import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt, type JWTPayload } from 'jose';

/** An application's address for back-channel logout, and what it was sent there. */
export async function listenForLogouts(port = 0) {
  const tokens: JWTPayload[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      tokens.push(decodeJwt(new URLSearchParams(body).get('logout_token') ?? ''));
      response.end();
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    tokens,
    port: taken,
    url: `http://127.0.0.1:${taken}/logout`,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
