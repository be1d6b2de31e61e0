import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createProgress, Refusal, runScript } from './progress.mjs';
import { root } from './root.mjs';
import { setUp } from './setup.mjs';

/** The provider's command line against the demo that `npm start` runs, or against the servers that the environment names. */
await runScript(async () => {
  // Standard output belongs to the command.
  if (!(await setUp(createProgress({ stream: process.stderr })))) return;
  const { runningStack } = await import('./stack.mjs');
  const args = process.argv.slice(2);
  const demo = process.env.DATABASE_URL ? {} : runningStack(join(root, '.data'))?.idpEnv;
  if (!demo && !args.includes('--help'))
    throw new Refusal('Nothing runs from this folder: npm start first, or set DATABASE_URL, REDIS_URL and the rest.');
  const entry = join(root, 'apps', 'idp', 'src', 'cli', 'main.ts');
  const cwd = process.env.INIT_CWD ?? process.cwd(); // paths on the command line are the caller's
  const { status } = spawnSync(process.execPath, [entry, ...args], {
    stdio: 'inherit',
    cwd,
    env: { ...process.env, ...demo },
  });
  process.exitCode = status ?? 1;
});
