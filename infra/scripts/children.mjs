import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Refusal } from './progress.mjs';

const KEPT_LINES = 15;
const GRACE_MS = 15_000;

/**
 * Starts and ends the processes of one stack. Each gets a process group of its own, so a terminal's Ctrl-C reaches only
 * us and we end them in order; and a reaper ends them should we die without a chance to.
 */
export function createChildren() {
  const reaper = startReaper();
  const running = new Set();
  let closed = false;
  return { start, end, close, removeAfterCrash: (path) => reaper.tell(`rm ${path}`) };

  /** `onExit` is called only when the process ends without having been asked to. The rest of the options are spawn's. */
  function start({ name, program, args, logFile, append = false, onExit, stopSignal = 'SIGTERM', ...options }) {
    if (closed) throw new Refusal('Stopped.');
    const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile, { flags: append ? 'a' : 'w' });
    let lines = [];
    const keep = (chunk) => {
      log.write(chunk);
      lines = [...lines, ...chunk.toString().split('\n').filter(Boolean)].slice(-KEPT_LINES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const it = {
      name,
      pid: child.pid,
      logFile,
      lastLines: () => lines,
      exited: false,
      asked: false,
      stopSignal,
      child,
    };
    it.gone = new Promise((resolve) => {
      child.once('error', (error) => finish(error.message));
      // 'close' comes after the last output, so the log is whole when the end is told.
      child.once('close', (code, signal) => finish(signal ?? `code ${code}`));
      function finish(how) {
        if (it.exited) return;
        it.exited = true;
        it.how = how;
        log.end();
        running.delete(it);
        reaper.tell(`- ${child.pid}`);
        resolve(how);
        if (!it.asked) onExit?.(it);
      }
    });
    running.add(it);
    if (child.pid) reaper.tell(`+ ${child.pid} ${stopSignal}`);
    return it;
  }

  /** Asks each to end, and makes it end when it does not within its grace. */
  async function end(processes) {
    await Promise.all(
      processes.map(async (it) => {
        if (it.exited) return;
        it.asked = true;
        it.child.kill(it.stopSignal);
        const force = setTimeout(() => signalGroup(it.pid, 'SIGKILL'), GRACE_MS);
        await it.gone;
        clearTimeout(force);
      }),
    );
  }

  /** Ends what still runs; nothing can be started any more. */
  async function close() {
    closed = true;
    await end([...running]);
    await reaper.end();
  }
}

function startReaper() {
  const script = fileURLToPath(new URL('reaper.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => undefined); // it was killed: nothing to tell it any more
  const gone = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  child.unref();
  child.stdin.unref?.();
  return {
    tell: (line) => child.stdin.write(`${line}\n`),
    async end() {
      child.ref();
      child.stdin.end();
      await gone;
    },
  };
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // gone already
  }
}
