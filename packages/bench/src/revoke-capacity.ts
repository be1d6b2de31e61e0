import { createMirror, redisSource } from '@portcullis/revocation';
import { cpuSeconds } from './cpu-time.ts';

export type Capacity = {
  entries: number;
  /** From nothing to fresh. */
  load_ms: number;
  /** What the copy adds to the heap. */
  heap_mb: number;
  rss_mb: number;
  checks_per_core_second: number;
};

const CHECKS = 2_000_000;
const TOKENS = 4_096;

/** One mirror of a long list, in a process that does nothing else and was started with --expose-gc. */
export async function measureCapacity(redisUrl: string, entries: number): Promise<Capacity> {
  const before = heapBytes();
  const started = performance.now();
  await using mirror = createMirror({ source: redisSource({ url: redisUrl }), app: 'bench', instance: 'capacity' });
  await mirror.ready();
  const load_ms = performance.now() - started;
  if (mirror.status().entries < entries) throw new Error(`the mirror holds ${mirror.status().entries} entries`);
  const heap = heapBytes() - before;

  // Every second token is of a person on the list, but younger than the act.
  const iat = Math.floor(Date.now() / 1000);
  const tokens = Array.from({ length: TOKENS }, (_, i) => ({
    jti: `token-${i}`,
    sid: `sso-${i}.part`,
    sub: i % 2 === 0 ? `account-${(i * 7919) % entries}` : `nobody-${i}`,
    client_id: 'bench',
    iat,
  }));
  const nothing = { sub: '' };
  const cpuBefore = cpuSeconds([process.pid]);
  for (let i = 0; i < CHECKS; i += 1) {
    if (mirror.check(tokens[i % TOKENS] ?? nothing).state !== 'clear') throw new Error('a good token was refused');
    if (i % 100_000 === 0) await new Promise(setImmediate);
  }
  return {
    entries,
    load_ms,
    heap_mb: heap / 2 ** 20,
    rss_mb: process.memoryUsage().rss / 2 ** 20,
    checks_per_core_second: CHECKS / (cpuSeconds([process.pid]) - cpuBefore),
  };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
