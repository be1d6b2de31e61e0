/**
 * A throw-away stack for whoever tests it from outside: `node infra/scripts/run-stack.mjs [nodes] [environment]` prints
 * one line of JSON (addresses, process ids, the environment of the command line) once everything is ready, and stops
 * everything on SIGTERM or when its standard input closes. `environment` is JSON: by name of a process, variables of its
 * own. A process of it that dies, stays dead: that may be the test. A line `start NAME` brings it back, and is answered
 * with its name, process id and port as JSON once it is ready, or with `{"error"}`.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeStack } from './describe-stack.mjs';
import { runScript } from './progress.mjs';
import { setUp } from './setup.mjs';

await runScript(async () => {
  if (!(await setUp())) return;
  const { startStack } = await import('./stack.mjs');
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
  const orders = createInterface({ input: process.stdin }).on('close', () => end.abort());
  try {
    const stack = await startStack({
      dataDir: mkdtempSync(join(tmpdir(), 'portcullis-stack-')),
      nodes: Number(process.argv[2] ?? 1),
      throwAway: true,
      databaseUrl: process.env.DATABASE_URL || undefined,
      redisUrl: process.env.REDIS_URL || undefined,
      environment: JSON.parse(process.argv[3] ?? '{}'),
      signal: end.signal,
    });
    tell(describeStack(stack));
    orders.on('line', (line) => {
      const name = line.replace(/^start /, '');
      stack.startAgain(name).then(
        ({ pid, port }) => tell({ name, pid, port }),
        (error) => tell({ name, error: error.message }),
      );
    });
    if (!end.signal.aborted) await new Promise((resolve) => end.signal.addEventListener('abort', resolve));
    await stack.stop();
  } finally {
    process.stdin.unref?.();
  }
});

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
