import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpuSeconds } from './cpu-time.ts';
import type { Driver } from './driver-process.ts';
import type { Measurement } from './load.ts';
import type { ScenarioName } from './scenarios.ts';
import type { Server } from './servers.ts';

/** What one window showed. A core-second is a second of CPU time of the measured side's processes, the driver's never. */
export type Sample = {
  operationsPerSecond: number;
  operationsPerCoreSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of one operation, by the process that used it, in milliseconds. */
  cpuMs: Record<string, number>;
  background: Record<string, number>;
};

export type Window = { scenario: ScenarioName; concurrency: number; seconds: number };
export type Side = {
  name: string;
  prepare: (window: Window) => Promise<unknown>;
  renew: () => Promise<unknown>;
  measure: (seconds: number) => Promise<Sample>;
};

export function serverSide(server: Server, driver: Driver): Side {
  return {
    name: server.name,
    prepare: (window) => driver.prepare({ ...window, target: server.target }),
    renew: () => driver.renew(),
    measure: (seconds) => sample(server.processes, () => driver.run(seconds)),
  };
}

/** Bare argon2id verifications on the same cores, in a process of their own. */
export function argon2Side(): Side & AsyncDisposable {
  const child = fork(new URL('argon2-load.ts', import.meta.url));
  return {
    name: 'argon2id',
    prepare: () => Promise.resolve(),
    renew: () => Promise.resolve(),
    measure: (seconds) =>
      sample({ node: childPid(child.pid) }, async () => {
        child.send(seconds);
        const [measured] = (await once(child, 'message')) as [Measurement];
        return measured;
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function sample(processes: Record<string, number>, run: () => Promise<Measurement>): Promise<Sample> {
  const names = Object.keys(processes);
  const read = (): number[] => Object.values(processes).map((pid) => cpuSeconds([pid]));
  const before = read();
  const { operations, elapsedSeconds, p50Ms, p99Ms, background } = await run();
  const used = read().map((seconds, index) => seconds - (before[index] ?? 0));
  return {
    operationsPerSecond: operations / elapsedSeconds,
    operationsPerCoreSecond: operations / used.reduce((sum, seconds) => sum + seconds, 0),
    p50Ms,
    p99Ms,
    cpuMs: Object.fromEntries(names.map((name, index) => [name, ((used[index] ?? 0) * 1_000) / operations])),
    background,
  };
}

function childPid(pid: number | undefined): number {
  if (pid === undefined) throw new Error('the child did not start');
  return pid;
}
