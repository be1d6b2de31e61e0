import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress, runScript } from './progress.mjs';
import { root } from './root.mjs';
import { setUp, toolsFirst } from './setup.mjs';

/** The benchmarks against a PostgreSQL of their own that keeps every promise (fsync on) and a Redis; both gone afterwards. */
await runScript(async () => {
  // Standard output belongs to the benchmark: with --json it is one JSON object.
  const progress = createProgress({ stream: process.stderr });
  if (!(await setUp(progress))) return;
  const { createChildren } = await import('./children.mjs');
  const { startServers } = await import('./servers.mjs');
  const { loadSecrets } = await import('./secrets.mjs');

  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const logs = join(dataDir, 'logs');
  mkdirSync(logs);
  const children = createChildren();
  children.removeAfterCrash(dataDir);
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  try {
    const secrets = loadSecrets(dataDir);
    const servers = await startServers({ children, progress, dataDir, logs, secrets, databaseUrl, redisUrl });
    const env = { ...toolsFirst(), DATABASE_URL: servers.url, REDIS_URL: servers.redisUrl };
    process.exitCode = await runBench(env);
  } finally {
    await children.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

function runBench(env) {
  const entry = join(root, 'packages', 'bench', 'src', 'main.ts');
  const child = spawn(process.execPath, [entry, ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
