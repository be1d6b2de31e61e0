import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

export type RedisServer = Awaited<ReturnType<typeof startRedisServer>>;

/** A Redis that a test may break. Nothing of it is on disk: after `restart` it is empty. */
export async function startRedisServer() {
  const port = await freePort();
  let child = await launch(port);
  const endWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTests);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(child),
    async restart(): Promise<void> {
      await end(child);
      child = await launch(port);
    },
    /** It hangs and closes no connection, as a machine does that swaps. */
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
      return connected(port, question);
    },
    /** As it was at the start, but for what is in it. */
    async mend(): Promise<void> {
      child.kill('SIGCONT');
      if (isOver(child)) child = await launch(port);
      await connected(port, (redis) => redis.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'));
    },
    async stop(): Promise<void> {
      process.off('exit', endWithTests);
      await end(child);
    },
  };
}

async function launch(port: number): Promise<ChildProcess> {
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', loglevel: 'warning' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  for (const program of ['redis-server', 'valkey-server']) {
    const child = spawn(program, args, { stdio: 'ignore' });
    const failed = await Promise.race([once(child, 'error'), listening(port, child)]);
    if (failed === 'listening') return child;
  }
  throw new Error('neither redis-server nor valkey-server can be started');
}

async function listening(port: number, child: ChildProcess): Promise<'listening'> {
  for (let tries = 0; tries < 250; tries++) {
    const info = await connected(port, (redis) => redis.info('server')).catch(() => '');
    if (info.includes(`process_id:${child.pid}\r`)) return 'listening';
    await delay(20);
  }
  throw new Error(`Redis does not listen on port ${port}`);
}

async function connected<T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: null, maxRetriesPerRequest: 0, connectTimeout: 1000 });
  redis.on('error', () => undefined); // told by the command that fails
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
