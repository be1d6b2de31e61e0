import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { cpuSeconds, parentOf, parseStat, treeTicks } from './cpu-time.ts';

const onLinux = process.platform === 'linux';

test('a stat line is read by field number even when the command name holds brackets and spaces', () => {
  const line = '4242 (a b) c) S 17 4242 1 0 -1 4194304 100 200 0 0 30 12 5 3 20 0 11 0 99 1000 50 0';
  expect(parseStat(line)).toEqual({ pid: 4242, parent: 17, own: 42, reaped: 8 });
});

test('a tree counts roots, children and grandchildren in any order, and nothing beside them', () => {
  const processes = [
    { pid: 4, parent: 3, own: 1000, reaped: 0 },
    { pid: 3, parent: 2, own: 100, reaped: 0 },
    { pid: 2, parent: 1, own: 10, reaped: 5 },
    { pid: 9, parent: 1, own: 7777, reaped: 0 },
  ];
  expect(treeTicks(processes, [2])).toBe(1115);
  expect(treeTicks(processes, [3])).toBe(1100);
  expect(treeTicks(processes, [2, 3])).toBe(1115);
});

test.runIf(onLinux)('the time of a child that has ended stays counted', async () => {
  // Spins by the CPU clock: on a busy machine the wall clock runs ahead of it.
  const spin =
    'const { spawnSync } = require("node:child_process");' +
    'spawnSync(process.execPath, ["-e", "while (process.cpuUsage().user < 400_000);"]);' +
    'process.send("spun"); process.on("message", () => process.exit());';
  const child = spawn(process.execPath, ['-e', spin], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  const { pid } = child;
  if (pid === undefined) throw new Error('the child has no pid');
  expect(cpuSeconds([pid])).toBeGreaterThan(0.35);
  expect(parentOf(pid)).toBe(process.pid);
  child.send('end');
  await once(child, 'exit');
});
