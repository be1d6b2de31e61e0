import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type TestRedis = {
  url: string;
  /** Of the process running now; another one after `restart`. */
  readonly pid: number;
  /** Hangs without closing a connection (SIGSTOP), as a machine does that swaps or lost its network. */
  pause(): void;
  resume(): void;
  /** Gone at once, connections reset. */
  kill(): Promise<void>;
  /** A new, empty server on the same port. */
  restart(): Promise<void>;
} & AsyncDisposable;

/** A Redis (or Valkey) of the caller's own on a free port; it keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  let { port, child } = await startOnFreePort();
  const url = `redis://127.0.0.1:${port}`;
  const endWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTests);
  return {
    url,
    get pid() {
      return pidOf(child);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    async restart() {
      await end(child);
      child = await start(port);
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithTests);
      await end(child);
    },
  };
}

/** Between finding a free port and taking it another test may have been faster, so it gets a few tries. */
async function startOnFreePort(tries = 5): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  try {
    return { port, child: await start(port) };
  } catch (error) {
    if (tries <= 1) throw error;
    return startOnFreePort(tries - 1);
  }
}

async function start(port: number): Promise<ChildProcess> {
  const options = {
    port,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    databases: '16',
    loglevel: 'warning',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(serverProgram(), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => 20,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined); // refused until the server listens
  try {
    await eventually(async () => {
      // The answer must come from our own process: the port may have gone to another server meanwhile.
      if (failure || child.exitCode !== null) return 'gone';
      const info = await client.info('server');
      return info.includes(`process_id:${child.pid}\r`);
    });
  } catch (error) {
    await end(child);
    throw error;
  } finally {
    client.disconnect();
  }
  if (failure) throw failure;
  if (child.exitCode !== null)
    throw new Error(`redis-server ended with code ${child.exitCode} at its start on port ${port}`);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL'); // nothing to save; ends a paused process too
  await gone;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('this Redis is not running');
  return child.pid;
}

function serverProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
  if (!found) throw new Error('neither redis-server nor valkey-server is on PATH');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
