/**
 * Ends what its parent left behind. The parent writes `+ PID SIGNAL`, `- PID` and `rm PATH` to our standard input; when
 * that closes, whatever is still on the list is ended. After an orderly end nothing is; after a crash everything is.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 8_000;
const running = new Map();
const folders = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, what, signal] = line.split(' ');
  if (verb === '+') running.set(Number(what), signal);
  if (verb === '-') running.delete(Number(what));
  if (verb === 'rm') folders.push(line.slice(3));
}

for (const [pid, signal] of running) send(pid, signal);
const deadline = Date.now() + GRACE_MS;
while (Date.now() < deadline && [...running.keys()].some((pid) => send(-pid, 0))) await pause(50);
for (const pid of running.keys()) send(-pid, 'SIGKILL');
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
