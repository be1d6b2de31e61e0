import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal } from './progress.mjs';
import { root } from './root.mjs';

/** The full path of the first of these programs that is on PATH. */
export function find(names, path = process.env.PATH ?? '') {
  const places = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return places.find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end, quietly: `{ code, output }`. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The command line of a running process; undefined when there is none by that id. */
export function commandOf(pid) {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** Redis or Valkey, from PATH or installed now. */
export async function ensureRedis(progress) {
  const names = ['redis-server', 'valkey-server'];
  return (
    find(names) ??
    progress.step('Installing Redis', async () => {
      await install({ apt: 'redis-server', brew: 'redis' });
      const installed = find(names);
      if (installed) return installed;
      throw new Refusal(
        'Redis is missing and could not be installed: install redis-server or valkey-server ' +
          '(Debian: sudo apt-get install redis-server; macOS: brew install redis), or set REDIS_URL.',
      );
    })
  );
}

/** A browser for the journeys: Playwright's own build, else the one on PATH, else installed now. */
export async function ensureChromium(progress, ownBuild) {
  const there = () =>
    isExecutable(ownBuild) || find(['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']);
  if (there()) return;
  await progress.step('Installing Chromium', async () => {
    if (find(['apt-get'])) await install({ apt: 'chromium-headless-shell' });
    else
      await run(process.execPath, [join('node_modules', 'playwright', 'cli.js'), 'install', 'chromium'], { cwd: root });
    if (there()) return;
    throw new Refusal(
      'Chromium is missing and could not be installed: put chromium on PATH (Debian: sudo apt-get install chromium-headless-shell), ' +
        'or run npx playwright install chromium.',
    );
  });
}

/** Tries the machine's package manager; whether it helped, the caller sees by looking again. */
async function install({ apt, brew }) {
  if (find(['apt-get'])) {
    const sudo = process.getuid?.() === 0 ? [] : withoutPassword();
    if (!sudo) return;
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const get = (...args) => run(...head([...sudo, 'apt-get', '-q', '-y', ...args]), { env });
    await get('update');
    await get('install', '--no-install-recommends', apt);
  } else if (brew && find(['brew'])) {
    await run('brew', ['install', brew]);
  }
}

function withoutPassword() {
  return find(['sudo']) && spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

function head([program, ...args]) {
  return [program, args];
}
