import { createServer } from 'node:net';
import { Refusal } from './progress.mjs';

/** A port of this machine that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Refuses, naming the port and who wanted it, when somebody already listens there. */
export async function refuseBusyPorts(ports) {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new Refusal(
      `Port ${port} (${name}) is already in use: stop what listens there, or choose other ports with PORTCULLIS_PORT_BASE=5000.`,
    );
  }
}

async function isFree(port) {
  // A listener on one of the two loopback addresses does not keep the wildcard address from being taken.
  for (const host of ['127.0.0.1', '::1', undefined]) if (await isTaken(port, host)) return false;
  return true;
}

function isTaken(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code === 'EADDRINUSE' || error.code === 'EACCES'));
    server.listen({ port, host }, () => server.close(() => resolve(false)));
  });
}
