import { join, relative } from 'node:path';
import { createProgress, Refusal, runScript, seconds } from './progress.mjs';
import { root } from './root.mjs';
import { beganAt, handedOver, setUp } from './setup.mjs';

const HIGHEST_BASE = 65_530;

await runScript(async () => {
  const progress = createProgress();
  if (!handedOver) progress.say('\nPortcullis\n');
  const portBase = readPortBase(process.env.PORTCULLIS_PORT_BASE);
  if (!(await setUp(progress))) return;

  const { startStack } = await import('./stack.mjs');
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort({ signal }));
  let stack;
  try {
    stack = await startStack({
      dataDir: join(root, '.data'),
      portBase,
      databaseUrl: process.env.DATABASE_URL || undefined,
      redisUrl: process.env.REDIS_URL || undefined,
      progress,
      onExit: (it) => end.abort({ process: it }),
      signal: end.signal,
    });
  } catch (error) {
    if (!end.signal.reason?.signal) throw error;
    progress.say('Stopped before it was up.');
    return;
  }
  progress.say(welcome(stack));
  if (!end.signal.aborted) await new Promise((resolve) => end.signal.addEventListener('abort', resolve));
  await progress.step('Stopping everything', stack.stop);
  const fallen = end.signal.reason.process;
  if (fallen)
    throw new Refusal(
      `${fallen.name} ended by itself (${fallen.how}). Its last lines (${fallen.logFile}):\n${fallen.lastLines().join('\n')}`,
    );
});

function readPortBase(value = '4000') {
  const base = Number(value);
  if (Number.isInteger(base) && base > 0 && base <= HIGHEST_BASE) return base;
  throw new Refusal(`PORTCULLIS_PORT_BASE is "${value}": it must be a port number from 1 to ${HIGHEST_BASE}.`);
}

function welcome({ urls, logs }) {
  return `
  Ready after ${seconds(Date.now() - beganAt)}.

  Shop         ${urls.shop}
  Forum        ${urls.forum}
  Dashboard    ${urls.dashboard}
  Admin        ${urls.admin}   for admin@example.com
  Portcullis   ${urls.idp}   the identity provider
  Mail inbox   ${urls.mail}

  Sign in as   alice@example.com
               bob@example.com
               mara@example.com    analyst, moderator
               admin@example.com   admin
  Password     open-the-gate-please   (for all of them)

  Command line npm run portcullis -- --help
  Logs         ${relative(process.cwd(), logs)}
  Ctrl-C stops everything; the data stays in ${relative(process.cwd(), join(logs, '..'))}.
`;
}
