import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** A running Portcullis with its applications, as the set-up describes it. */
export type Stack = {
  urls: { idp: string; shop: string; forum: string; dashboard: string; admin: string; mail: string };
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

type Given = {
  /** A Redis that runs already, in place of one of the stack's own. */
  redisUrl?: string;
  /** By name of a process, variables of its own. */
  environment?: Record<string, Record<string, string>>;
};

/** A stack of one's own, for journeys that break parts of it. */
export async function startStack(nodes: number, { redisUrl, environment = {} }: Given = {}) {
  const script = join(root, 'infra', 'scripts', 'run-stack.mjs');
  const child = spawn(process.execPath, [script, String(nodes), JSON.stringify(environment)], {
    cwd: root,
    env: { ...process.env, ...(redisUrl && { REDIS_URL: redisUrl }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answers = createInterface({ input: child.stdout });
  const stack = await new Promise<Stack>((resolve, reject) => {
    answers.on('line', (line) => {
      if (line.startsWith('{"urls"')) resolve(JSON.parse(line) as Stack);
    });
    child.once('exit', () => reject(new Error('the stack did not start')));
  });

  /** Brings a process back that was killed; resolves when it can serve. */
  async function startAgain(name: string): Promise<void> {
    const started = new Promise<{ error?: string; pid: number }>((resolve) => {
      answers.on('line', function listen(line) {
        const answer = JSON.parse(line) as { name: string; pid: number };
        if (answer.name !== name) return;
        answers.off('line', listen);
        resolve(answer);
      });
    });
    child.stdin.write(`start ${name}\n`);
    const { error, pid } = await started;
    if (error !== undefined) throw new Error(error);
    for (const it of stack.processes) if (it.name === name) it.pid = pid;
  }

  async function stop(): Promise<void> {
    child.stdin.end();
    await gone;
  }
  return { stack, startAgain, stop };
}
