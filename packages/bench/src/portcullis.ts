import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, freshDatabase, startRedis } from '@portcullis/testing';
import argon2 from 'argon2';
import pg from 'pg';
import {
  accountCount,
  argon2Options,
  emailOf,
  password,
  redirectUri,
  resource,
  serviceClient,
  webClient,
} from './contestants.ts';
import { parentOf } from './cpu-time.ts';
import { profilingFlags, scriptPath, startNode, type Profiling, type Server } from './servers.ts';
import { discover } from './target.ts';

const READY_WITHIN_MS = 30_000;
const node = scriptPath('../../../apps/idp/src/main.ts');
const cli = scriptPath('../../../apps/idp/src/cli/main.ts');

/** One node of ours with production settings, over a new database of DATABASE_URL's server and a Redis of its own. */
export async function startPortcullis({ folder }: Profiling): Promise<Server> {
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
    COOKIE_KEYS: 'a bench cookie key of at least 32 characters',
    ENCRYPTION_KEY: 'a bench encryption key of at least 32 characters',
    TRUSTED_HOPS: '1', // the driver speaks for many addresses, as a load balancer does
    FAMILY_RESOURCE: resource,
  };
  await prepare(env);
  const child = started.use(startNode([...profilingFlags(folder, 'portcullis'), node], env));
  await eventually(async () => (await fetch(`${issuer}/health/ready`)).ok, { withinMs: READY_WITHIN_MS });
  const processes = { node: child.pid, postgres: await postmasterOf(database.url), redis: redis.pid };
  const target = await discover(issuer);
  const owned = started.move();
  return { name: 'portcullis', target, processes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Schema, clients and accounts, all through the command line an operator has. */
async function prepare(env: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  try {
    const clients = join(folder, 'clients.json');
    const accounts = join(folder, 'accounts.ndjson');
    await writeFile(clients, JSON.stringify({ clients: declaredClients }));
    await writeFile(accounts, await accountLines());
    await portcullis(['migrate'], env);
    await portcullis(['clients', 'apply', clients], env);
    await portcullis(['accounts', 'import', accounts], env);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const declaredClients = [
  {
    id: webClient.id,
    name: 'Bench',
    firstParty: true,
    type: 'confidential',
    secrets: ['env:BENCH_WEB_SECRET'],
    redirectUris: [redirectUri],
    postLogoutRedirectUris: [],
    uri: new URL(redirectUri).origin,
    logoUri: null,
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: webClient.scope,
    idTokenSigningAlg: 'ES256',
    resources: [resource],
  },
  {
    id: serviceClient.id,
    name: 'Bench service',
    firstParty: true,
    type: 'confidential',
    secrets: ['env:BENCH_SERVICE_SECRET'],
    redirectUris: [],
    postLogoutRedirectUris: [],
    uri: null,
    logoUri: null,
    grantTypes: ['client_credentials'],
    scope: serviceClient.scope,
    resources: [resource],
  },
];

/** All share one hash: what a sign-in costs does not depend on which one it is. */
async function accountLines(): Promise<string> {
  const passwordHash = await argon2.hash(password, { type: argon2.argon2id, ...argon2Options });
  const account = (_: unknown, index: number): string =>
    JSON.stringify({
      email: emailOf(index),
      name: 'A person of the bench',
      email_verified: true,
      password_hash: passwordHash,
    });
  return `${Array.from({ length: accountCount }, account).join('\n')}\n`;
}

async function portcullis(args: string[], env: Record<string, string>): Promise<void> {
  const secrets = { BENCH_WEB_SECRET: webClient.secret, BENCH_SERVICE_SECRET: serviceClient.secret };
  const child = spawn(process.execPath, [cli, ...args], {
    env: { NODE_ENV: 'production', ...env, ...secrets },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`portcullis ${args.join(' ')} ended with code ${String(code)}`);
}

/** The server process that every backend of this database is a child of. */
async function postmasterOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const [backend] = rows;
    if (!backend) throw new Error('PostgreSQL gave no backend pid');
    return parentOf(backend.pid);
  } catch (cause) {
    throw new Error('the PostgreSQL of DATABASE_URL must run on this machine, so that its CPU time can be read', {
      cause,
    });
  } finally {
    await client.end();
  }
}
