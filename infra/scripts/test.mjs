import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress, Refusal, runScript, seconds } from './progress.mjs';
import { ensureChromium } from './programs.mjs';
import { root } from './root.mjs';
import { setUp, toolsFirst } from './setup.mjs';

const CHECKS = {
  // Several checkers would each work out the same types; what was found is kept for the next time.
  types: [
    'tsc',
    '-p',
    '.',
    '--checkers',
    '1',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/types.tsbuildinfo',
  ],
  rules: ['oxlint'],
  form: ['oxfmt', '--check'],
  boundaries: ['turbo', 'boundaries'],
  'unused code': ['knip', '--cache'],
};
/** Two of the checks are programs in Go, which by default spend a third of their time on tidying up. */
const lessGarbageCollection = { GOGC: '400' };
const PARTS = ['verify', 'unit', 'e2e', 'faults'];

/**
 * `npm test`: everything. `npm test -- unit …`, `-- e2e …`, `-- faults …`, `-- verify`: one part, the rest of the line goes
 * to its runner. HISTORY_SECONDS and HISTORY_SEED: for how long, and with which choices, random faults are injected.
 */
await runScript(async () => {
  const [part, ...args] = process.argv.slice(2);
  if (part && !PARTS.includes(part))
    throw new Refusal(`npm test knows the parts ${PARTS.join(', ')}; "${part}" is none of them.`);
  const progress = createProgress();
  if (!(await setUp(progress))) return;
  const parts = part ? [part] : PARTS;
  const totals = nothing();
  if (parts.includes('verify')) add(totals, await verify(progress));
  if (parts.some((one) => one !== 'verify')) add(totals, await runTests({ parts, args, progress }));
  progress.say(`\n${totals.passed} passed, ${totals.failed} failed`);
  for (const name of totals.failures) progress.say(`  failed: ${name}`);
  for (const name of totals.retried) progress.say(`  passed at the second try only: ${name}`);
  if (totals.failed > 0) process.exitCode = 1;
});

/**
 * Failures and what was tried again by name, so that the end of a long output says what is to be looked at.
 * @returns {{ passed: number, failed: number, failures: string[], retried: string[] }}
 */
function nothing() {
  return { passed: 0, failed: 0, failures: [], retried: [] };
}

function add(totals, { passed, failed, failures = [], retried = [] }) {
  totals.passed += passed;
  totals.failed += failed;
  totals.failures.push(...failures);
  totals.retried.push(...retried);
}

/** A check that fails counts as one failure, so the closing line never claims a success there was not. */
async function verify(progress) {
  headline(progress, 'Types, rules, form, boundaries, unused code');
  const outcomes = await Promise.all(
    Object.entries(CHECKS).map(async ([name, [program, ...args]]) => {
      const began = performance.now();
      const { code, output } = await runTool(program, args, { capture: true, env: lessGarbageCollection });
      progress.say(`  ${code === 0 ? '✓' : '✗'} ${name}  ${seconds(performance.now() - began)}`);
      if (code !== 0) progress.say(output);
      return code === 0 ? [] : [name];
    }),
  );
  const failures = outcomes.flat();
  return { passed: 0, failed: failures.length, failures };
}

async function runTests({ parts, args, progress }) {
  const { createChildren } = await import('./children.mjs');
  const { startServers } = await import('./servers.mjs');
  const { loadSecrets } = await import('./secrets.mjs');
  headline(progress, 'Servers for the tests');
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
  const logs = join(dataDir, 'logs');
  mkdirSync(logs);
  const children = createChildren();
  children.removeAfterCrash(dataDir);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
  try {
    const given = { databaseUrl: process.env.DATABASE_URL || undefined, redisUrl: process.env.REDIS_URL || undefined };
    const secrets = loadSecrets(dataDir);
    const servers = await startServers({ children, progress, dataDir, logs, secrets, durable: false, ...given });
    // Hundreds of processes load the same modules: each takes what the one before it has compiled.
    const compiled = join(root, 'node_modules', '.cache', 'compiled');
    const env = { DATABASE_URL: servers.url, REDIS_URL: servers.redisUrl, NODE_COMPILE_CACHE: compiled };
    const totals = nothing();
    if (parts.includes('unit')) add(totals, await unit({ args, env, progress, dataDir, signal: end.signal }));
    if (parts.includes('e2e') && !end.signal.aborted)
      add(totals, await journeys({ args, env, progress, dataDir, signal: end.signal }));
    if (parts.includes('faults') && !end.signal.aborted)
      add(totals, await faults({ args, env, progress, dataDir, signal: end.signal }));
    if (end.signal.aborted) throw new Refusal('Stopped.');
    return totals;
  } finally {
    await children.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function unit({ args, env, progress, dataDir, signal }) {
  const began = performance.now();
  headline(progress, 'Unit and integration tests');
  const file = join(dataDir, 'unit.json');
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await runTool('vitest', ['run', ...report, ...args], { env, signal });
  progress.say(`  ${seconds(performance.now() - began)}`);
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, testResults = [] } = readReport(file);
  const tests = testResults.flatMap((one) => one.assertionResults);
  return outcome(code, {
    passed,
    failed,
    failures: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    // a test that passed and has complaints was tried again
    retried: tests
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ fullName }) => fullName),
  });
}

async function journeys({ args, env, progress, dataDir, signal }) {
  headline(progress, 'Journeys in a browser');
  const { chromium } = await import('@playwright/test');
  await ensureChromium(progress, chromium.executablePath());
  return playwright({ args, env, progress, dataDir, signal });
}

/** Each with a Redis of its own, whatever REDIS_URL says: it is what they break. */
function faults({ args, env, progress, dataDir, signal }) {
  headline(progress, 'Faults, with real processes');
  return playwright({ args: ['-c', 'e2e/faults', ...args], env, progress, dataDir, signal });
}

async function playwright({ args, env, progress, dataDir, signal }) {
  const began = performance.now();
  const file = join(dataDir, 'playwright.json');
  rmSync(file, { force: true });
  const reportTo = { PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const { code } = await runTool('playwright', ['test', '--reporter=list,json', ...args], {
    env: { ...env, ...reportTo },
    signal,
  });
  progress.say(`  ${seconds(performance.now() - began)}`);
  const report = readReport(file);
  const { expected = 0, flaky = 0, unexpected = 0 } = report.stats ?? {};
  const named = (status) =>
    specsOf(report).flatMap(({ title, tests }) => (tests.some((t) => t.status === status) ? [title] : []));
  return outcome(code, {
    passed: expected + flaky,
    failed: unexpected,
    failures: named('unexpected'),
    retried: named('flaky'),
  });
}

/** Playwright's report has suites in suites. */
function specsOf({ suites = [], specs = [] }) {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** A run may fail without a failed test: a file that does not load, an error nobody caught, a runner that crashed. */
function outcome(code, { failed, failures, ...counts }) {
  return code !== 0 && failed === 0
    ? { ...counts, failed: 1, failures: ['the runner itself'] }
    : { ...counts, failed, failures };
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function headline(progress, text) {
  progress.say(`\n── ${text}`);
}

function runTool(program, args, { env = {}, capture = false, signal } = {}) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...toolsFirst(), ...env },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code: code ?? 1, output });
    });
  });
}
