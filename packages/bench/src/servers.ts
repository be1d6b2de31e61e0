import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, startRedis } from '@portcullis/testing';
import { discover, type Target } from './target.ts';

/** A server under measurement: where it is, and every process whose CPU time is its own, by what it is. */
export type Server = { name: string; target: Target; processes: Record<string, number> } & AsyncDisposable;

/** Node options for the measured process: where to write a CPU profile when it ends. */
export type Profiling = { folder?: string };

const READY_WITHIN_MS = 30_000;

/** The yardstick: bare oidc-provider over a Redis of its own. */
export async function startPeer({ folder }: Profiling): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedis());
  const port = await freePort();
  const child = started.use(
    startNode([...profilingFlags(folder, 'peer'), scriptPath('peer.ts'), String(port), redis.url], {}),
  );
  const target = await eventually(() => discover(`http://localhost:${port}`), { withinMs: READY_WITHIN_MS });
  const processes = { node: child.pid, redis: redis.pid };
  const owned = started.move();
  return { name: 'peer', target, processes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A node process with production settings; SIGTERM ends it, so that it drains and writes its profile. */
export function startNode(
  args: string[],
  env: Record<string, string>,
): { pid: number; child: ChildProcess } & AsyncDisposable {
  const child = spawn(process.execPath, args, {
    env: { NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${args.join(' ')}`);
  const endWithBench = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithBench);
  return {
    pid,
    child,
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithBench);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

export function profilingFlags(folder: string | undefined, name: string): string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

export function scriptPath(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
