import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startRedis, type TestRedis } from './redis.ts';

const idp = fileURLToPath(new URL('../../../apps/idp/src/', import.meta.url));
const readyWithinMs = 60_000;
/** Beside its own environment, a process gets what those before it have compiled. */
const { NODE_COMPILE_CACHE = '' } = process.env;

export const demo = { alice: 'alice@example.com', bob: 'bob@example.com', password: 'open-the-gate-please' };
export const testClientSecret = 'the secret of every client in tests';

export type TestPortcullis = {
  issuer: string;
  redis: TestRedis;
  /** What an operator does: `portcullis …`; answers what it printed. */
  operate(...args: string[]): Promise<string>;
} & AsyncDisposable;

/** The identity provider itself, as a process over a database and a Redis of its own, with the demo's people and these clients. */
export async function startPortcullis(clients: { id: string; [field: string]: unknown }[]): Promise<TestPortcullis> {
  await using started = new AsyncDisposableStack();
  const database = started.use(await freshDatabase());
  const redis = started.use(await startRedis());
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const env = {
    PORT: String(port),
    ISSUER: issuer,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    COOKIE_KEYS: 'a cookie key for tests of at least 32 characters',
    ENCRYPTION_KEY: 'an encryption key for tests of at least 32 characters',
    TEST_CLIENT_SECRET: testClientSecret,
    LOG_LEVEL: 'warn',
  };
  const operate = (...args: string[]) => run([join(idp, 'cli', 'main.ts'), ...args], env);
  await operate('migrate');
  await withFile(JSON.stringify({ clients: clients.map(declaration) }), (file) => operate('clients', 'apply', file));
  await operate('seed');
  started.use(startNodeProcess(join(idp, 'main.ts'), env));
  await eventually(async () => (await fetch(`${issuer}/health/ready`)).ok, { withinMs: readyWithinMs });
  const owned = started.move();
  return { issuer, redis, operate, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A node process with this environment and no other; ends with the tests at the latest. */
export function startNodeProcess(script: string, env: Record<string, string>): AsyncDisposable {
  const child = spawn(process.execPath, [script], {
    env: { NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const endWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTests);
  return {
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithTests);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function declaration({ id, ...over }: { id: string; [field: string]: unknown }) {
  return {
    id,
    name: id,
    firstParty: true,
    type: 'confidential',
    secrets: ['env:TEST_CLIENT_SECRET'],
    scope: 'openid profile email family',
    resources: ['urn:portcullis:family'],
    idTokenSigningAlg: 'ES256',
    ...over,
  };
}

async function withFile(text: string, use: (file: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-test-'));
  try {
    const file = join(folder, 'clients.json');
    await writeFile(file, text);
    await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complained] = [textOf(child.stdout), textOf(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with code ${String(code)}: ${await complained}`);
  return said;
}

async function textOf(stream: ChildProcess['stdout']): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
