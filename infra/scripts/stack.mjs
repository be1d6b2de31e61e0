import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  clientSecretEnvironment,
  idpEnvironment,
  offsets,
  relyingApplications,
  urlsOf,
  writeClients,
} from './applications.mjs';
import { createChildren } from './children.mjs';
import { commandOf, run } from './programs.mjs';
import { freePort, refuseBusyPorts } from './ports.mjs';
import { createProgress, Refusal } from './progress.mjs';
import { startRoundRobin } from './round-robin.mjs';
import { loadSecrets } from './secrets.mjs';
import { startServers } from './servers.mjs';
import { root } from './root.mjs';

const READY_WITHIN_MS = 60_000;
const cli = join(root, 'apps', 'idp', 'src', 'cli', 'main.ts');

/**
 * Starts everything: PostgreSQL and Redis (unless given), the provider on `nodes` nodes, the applications, the mail inbox.
 *
 * - `dataDir`: where the data and the logs are; kept, unless `throwAway`
 * - `portBase`: the provider's port, the others follow; without it every port is a free one
 * - `nodes`: more than one stand behind a round-robin proxy on the provider's port
 * - `throwAway`: nothing is kept: fast unsafe PostgreSQL, databases with names of their own, all removed by `stop`
 * - `databaseUrl`, `redisUrl`: servers that run already; nothing is started in their place
 * - `environment`: by name of a process, what it finds in its environment besides or instead
 * - `onExit(process)`: a process ended that nobody asked to
 * - `signal`: aborting it stops what has been started so far
 */
export async function startStack(options) {
  const {
    dataDir,
    portBase,
    nodes = 1,
    throwAway = false,
    databaseUrl,
    redisUrl,
    environment = {},
    onExit,
    signal,
  } = options;
  const progress = options.progress ?? createProgress({ quiet: true });
  const ports = await choosePorts(portBase);
  const logs = join(dataDir, 'logs');
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(dataDir, 'compiled');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(logs, { recursive: true });
  if (portBase) {
    refuseSecondStart(dataDir);
    await refuseBusyPorts(ports);
  }
  const children = createChildren();
  const urls = urlsOf(ports);
  const secrets = loadSecrets(dataDir);
  const processes = [];
  let servers;
  let proxy;
  let stopping;
  signal?.addEventListener('abort', () => void stop());

  try {
    servers = await startServers({
      children,
      progress,
      dataDir,
      logs,
      secrets,
      throwAway,
      databaseUrl,
      redisUrl,
      onExit: died,
    });
    const databases = await servers.databases(
      ['idp', 'shop', 'forum'],
      throwAway ? `stack_${randomBytes(4).toString('hex')}_` : '',
    );
    const trustedHops = nodes > 1 ? 1 : 0;
    const smtpPort = await freePort();
    const smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
    const idpEnv = idpEnvironment({ urls, databases, redisUrl: servers.redisUrl, smtpUrl, secrets, trustedHops });
    const stack = {
      urls,
      processes,
      databaseUrl: databases.idp,
      databases,
      redisUrl: servers.redisUrl,
      idpEnv,
      logs,
      startAgain,
      stop,
    };
    const portcullis = (...args) =>
      runCli(args, { ...idpEnv, ...clientSecretEnvironment(secrets), NODE_COMPILE_CACHE: compiled });
    await progress.step('Bringing the database up to date', () => portcullis('migrate'));
    await progress.step('Registering the applications and the demo accounts', () =>
      Promise.all([portcullis('clients', 'apply', writeClients(dataDir, urls)), portcullis('seed')]),
    );
    await progress.step('Starting Portcullis and the applications', async () => {
      const started = [
        ...(await startNodes(idpEnv)),
        ...relyingApplications({ ports, urls, databases, redisUrl: servers.redisUrl, secrets }).map(startApplication),
        startMail(smtpPort),
      ];
      await Promise.all(started.map(ready));
    });
    if (!throwAway) writeState({ pid: process.pid, urls, idpEnv });
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }

  async function startNodes(env) {
    const nodePorts = nodes > 1 ? await Promise.all(Array.from({ length: nodes }, freePort)) : [ports.idp];
    const entry = join(root, 'apps', 'idp', 'src', 'main.ts');
    const host = new URL(urls.idp).host;
    const started = nodePorts.map((port, index) => {
      const name = nodes > 1 ? `idp-${index + 1}` : 'idp';
      return startApplication({
        name,
        entry,
        port,
        host,
        env: { ...env, PORT: String(port), INSTANCE: `idp-${index + 1}` },
      });
    });
    if (nodes > 1) proxy = await startRoundRobin({ port: ports.idp, targets: nodePorts });
    return started;
  }

  function startApplication(application) {
    const it = startProcess(application);
    processes.push(it);
    return it;
  }

  function startProcess(application, { append = false } = {}) {
    const { name, entry, port, host = `localhost:${port}`, env, args = [], path = '/health/ready' } = application;
    const it = children.start({
      name,
      program: process.execPath,
      args: [entry, ...args],
      cwd: root,
      env: { ...ownEnvironment(), NODE_COMPILE_CACHE: compiled, ...env, ...environment[name] },
      logFile: join(logs, `${name}.log`),
      append,
      onExit: died,
    });
    return Object.assign(it, { port, host, path, application });
  }

  /** A process that has died or is about to, on its old port; resolves when it can serve. */
  async function startAgain(name) {
    const index = processes.findIndex((it) => it.name === name);
    if (index < 0) throw new Refusal(`This stack has no process ${name}.`);
    await processes[index].gone;
    processes[index] = startProcess(processes[index].application, { append: true });
    await ready(processes[index]);
    return processes[index];
  }

  function startMail(smtpPort) {
    const args = [
      '--web',
      String(ports.mail),
      '--smtp',
      String(smtpPort),
      '--ip',
      '127.0.0.1',
      '--web-ip',
      'localhost',
      '--mail-directory',
      join(dataDir, 'mail'),
    ];
    const entry = join(root, 'node_modules', 'maildev', 'bin', 'maildev');
    return startApplication({
      name: 'mail',
      entry,
      port: ports.mail,
      args: [...args, '--silent'],
      env: {},
      path: '/healthz',
    });
  }

  function died(it) {
    if (!stopping) onExit?.(it);
  }

  /** In the order of dependence: the applications, then Redis and PostgreSQL. Safe to call again. */
  function stop() {
    stopping ??= (async () => {
      await proxy?.stop();
      await children.end(processes);
      await servers?.stop();
      await children.close();
      if (throwAway) rmSync(dataDir, { recursive: true, force: true });
      else rmSync(stateFile(dataDir), { force: true });
    })();
    return stopping;
  }

  function writeState(state) {
    writeFileSync(stateFile(dataDir), JSON.stringify(state), { mode: 0o600 });
  }
}

async function choosePorts(base) {
  const names = Object.keys(offsets);
  const ports = base ? names.map((name) => base + offsets[name]) : await Promise.all(names.map(freePort));
  return Object.fromEntries(names.map((name, index) => [name, ports[index]]));
}

/** What the stack that runs on this data folder says of itself; undefined when none does. */
export function runningStack(dataDir) {
  if (!existsSync(stateFile(dataDir))) return undefined;
  const state = JSON.parse(readFileSync(stateFile(dataDir), 'utf8'));
  return commandOf(state.pid)?.includes('.mjs') ? state : undefined;
}

function stateFile(dataDir) {
  return join(dataDir, 'running.json');
}

function refuseSecondStart(dataDir) {
  const running = runningStack(dataDir);
  if (running)
    throw new Refusal(
      `Portcullis already runs from this folder (process ${running.pid}, ${running.urls.idp}): stop it there first.`,
    );
}

async function runCli(args, env) {
  const { code, output } = await run(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...ownEnvironment(), ...env },
  });
  if (code !== 0) throw new Refusal(`portcullis ${args.join(' ')} failed:\n${output.trim()}`);
}

/** Our environment, less what would reach a process that is to be told something else. */
function ownEnvironment() {
  const env = { ...process.env };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'PORT']) delete env[name];
  return env;
}

/** Until the process answers that it can serve. Its host name goes along: it answers to no other. */
async function ready(it) {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (!it.exited && Date.now() < deadline) {
    last = await status(it).catch((error) => error.code ?? error.message);
    if (last === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const why = it.exited ? `ended (${it.how})` : `was not ready within ${READY_WITHIN_MS / 1000} s (${last})`;
  throw new Refusal(`${it.name} ${why}. Its last lines (${it.logFile}):\n${it.lastLines().join('\n')}`);
}

function status({ port, host, path }) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: 'localhost', port, path, headers: { host }, timeout: 3_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy(new Error('no answer in 3 s')));
    request.once('error', reject);
  });
}
