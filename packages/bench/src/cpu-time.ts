import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One line of /proc/<pid>/stat, times in clock ticks; `reaped` is what its ended children used. */
export type ProcessStat = { pid: number; parent: number; own: number; reaped: number };

/** The command name stands in brackets and may itself hold spaces and brackets, so fields count from the last one. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]); // numbered as proc(5) does, from 1
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    own: field(14) + field(15),
    reaped: field(16) + field(17),
  };
}

/**
 * Ticks used by the roots and everything below them. A child that ends moves its time into its parent's `reaped`,
 * so the difference of two sums counts it whether it lived through the window or not.
 */
export function treeTicks(processes: readonly ProcessStat[], roots: readonly number[]): number {
  const members = new Set(roots);
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  return processes.filter(({ pid }) => members.has(pid)).reduce((sum, { own, reaped }) => sum + own + reaped, 0);
}

/** CPU seconds used so far by these processes and all their children, ended ones included. Linux only. */
export function cpuSeconds(roots: readonly number[]): number {
  return treeTicks(readProcesses(), roots) / ticksPerSecond();
}

/** The parent of a process: of a PostgreSQL backend, that is the postmaster. */
export function parentOf(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).parent;
}

function readProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        return []; // ended while the folder was read
      }
    });
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
