/**
 * A throw-away stack for whoever tests it from outside: `node infra/scripts/run-stack.mjs [nodes]` prints one line of JSON
 * (addresses, process ids, the environment of the command line) once everything is ready, and stops everything on
 * SIGTERM or when its standard input closes. A process of it that dies, stays dead: that may be the test.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStack } from './describe-stack.mjs';
import { runScript } from './progress.mjs';
import { setUp } from './setup.mjs';

await runScript(async () => {
  if (!(await setUp())) return;
  const { startStack } = await import('./stack.mjs');
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
  process.stdin.on('end', () => end.abort()).resume();
  const stack = await startStack({
    dataDir: mkdtempSync(join(tmpdir(), 'portcullis-stack-')),
    nodes: Number(process.argv[2] ?? 1),
    throwAway: true,
    databaseUrl: process.env.DATABASE_URL || undefined,
    redisUrl: process.env.REDIS_URL || undefined,
    signal: end.signal,
  });
  process.stdout.write(`${JSON.stringify(describeStack(stack))}\n`);
  if (!end.signal.aborted) await new Promise((resolve) => end.signal.addEventListener('abort', resolve));
  await stack.stop();
  process.stdin.unref?.();
});
