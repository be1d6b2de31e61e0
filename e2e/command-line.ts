import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, type Stack } from './stack.ts';

export type Portcullis = (args: string[], env?: Record<string, string>, input?: string) => Promise<string>;

/** The operator's command line against a stack. Answers what it printed; throws when it failed. */
export function commandLine(stack: Pick<Stack, 'idpEnv'>): Portcullis {
  const entry = join(root, 'apps', 'idp', 'src', 'cli', 'main.ts');
  return (args, env = {}, input = '') =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [entry, ...args], {
        env: { ...process.env, ...stack.idpEnv, ...env },
        stdio: 'pipe',
      });
      child.stdin.end(input);
      const printed = { out: '', err: '' };
      child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(printed.out);
        else reject(new Error(`portcullis ${args.join(' ')} ended with ${code}: ${printed.err}${printed.out}`));
      });
    });
}
