import { freePort } from './ports.mjs';
import { Refusal } from './progress.mjs';

const READY_WITHIN_MS = 10_000;

/** A Redis that keeps nothing on disk: everything in it can be made again from PostgreSQL or by one retry. */
export async function startRedis({ children, program, logFile, onExit }) {
  const port = await freePort();
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const it = children.start({ name: 'Redis', program, args, logFile, onExit });
  const url = `redis://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!it.exited && Date.now() < deadline) {
    if (await answers(url)) return { process: it, url };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Refusal(`Redis did not start (${it.logFile}):\n${it.lastLines().join('\n')}`);
}

/** A numbered database of this server that holds nothing, for a run that must not meet another's data. */
export async function emptyNumberedDatabase(url) {
  const client = await connect(url);
  try {
    for (let number = 1; number < 16; number++) {
      await client.select(number);
      if ((await client.dbsize()) === 0) return Object.assign(new URL(url), { pathname: `/${number}` }).href;
    }
    throw new Refusal('REDIS_URL: none of its databases 1 to 15 is empty, so a test run has no room there.');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`REDIS_URL: ${error.message}`);
  } finally {
    client.disconnect();
  }
}

export async function flush(url) {
  const client = await connect(url);
  await client.flushdb();
  client.disconnect();
}

export async function answers(url) {
  const client = await connect(url);
  try {
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function connect(url) {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0, connectTimeout: 2_000 });
  client.on('error', () => undefined); // told by the command that fails
  return client;
}
