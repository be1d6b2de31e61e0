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
  background: Record<string, number>;
};

export type Window = { scenario: ScenarioName; concurrency: number; seconds: number };
export type Side = { name: string; measure: (window: Window) => Promise<Sample> };

export function serverSide(server: Server, driver: Driver): Side {
  return {
    name: server.name,
    async measure(window) {
      await driver.prepare({ ...window, target: server.target });
      return sample(server.pids, () => driver.run(window.seconds));
    },
  };
}

/** Bare argon2id verifications on the same cores, in a process of their own. */
export function argon2Side(): Side & AsyncDisposable {
  const child = fork(new URL('argon2-load.ts', import.meta.url));
  return {
    name: 'argon2id',
    measure: ({ seconds }) =>
      sample([childPid(child.pid)], async () => {
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

async function sample(pids: number[], run: () => Promise<Measurement>): Promise<Sample> {
  const before = cpuSeconds(pids);
  const { operations, elapsedSeconds, p50Ms, p99Ms, background } = await run();
  const used = cpuSeconds(pids) - before;
  return {
    operationsPerSecond: operations / elapsedSeconds,
    operationsPerCoreSecond: operations / used,
    p50Ms,
    p99Ms,
    background,
  };
}

function childPid(pid: number | undefined): number {
  if (pid === undefined) throw new Error('the child did not start');
  return pid;
}
