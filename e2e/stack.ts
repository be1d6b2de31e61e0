import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** A running Portcullis with its applications, as the set-up describes it. */
export type Stack = {
  urls: { idp: string; shop: string; forum: string; dashboard: string; mail: string };
  processes: { name: string; pid: number; port: number }[];
  redisUrl: string;
  idpEnv: Record<string, string>;
  logs: string;
};

export const root = join(import.meta.dirname, '..');

/** The stack that every journey of this run shares. */
export function stackOfThisRun(): Stack {
  const described = process.env['PORTCULLIS_STACK'];
  if (!described) throw new Error('PORTCULLIS_STACK is not set: the set-up of the run has not started a stack');
  return JSON.parse(described) as Stack;
}

/** A stack of one's own, for journeys that break parts of it. */
export async function startStack(nodes: number): Promise<{ stack: Stack; stop: () => Promise<void> }> {
  const script = join(root, 'infra', 'scripts', 'run-stack.mjs');
  const child = spawn(process.execPath, [script, String(nodes)], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.stdin.end();
    await gone;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) return { stack: JSON.parse(line) as Stack, stop };
  }
  throw new Error('the stack did not start');
}
