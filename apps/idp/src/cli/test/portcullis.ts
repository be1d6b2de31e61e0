import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const main = new URL('../main.ts', import.meta.url).pathname;

/** `portcullis …` as an operator starts it: a process, with this environment and no other. */
export function start(args: string[], env: Record<string, string>) {
  const { NODE_COMPILE_CACHE = '' } = process.env; // loads what was compiled for the one before
  return spawn(process.execPath, [main, ...args], { env: { NODE_COMPILE_CACHE, ...env } });
}

/** What it printed, and its exit code. */
export async function portcullis(args: string[], env: Record<string, string>, stdin = '') {
  const child = start(args, env);
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: code as number };
}
