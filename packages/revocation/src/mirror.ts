import { createDenylist } from './denylist.ts';
import type { Revocation, TokenClaims } from './revocation.ts';
import type { Log, Source } from './source.ts';

export type Verdict =
  | { state: 'clear' }
  | { state: 'revoked'; entry: Revocation }
  /** Still loading, or out of touch for longer than `maxStalenessMs`: nobody can say. */
  | { state: 'unknown' };

export type MirrorStatus = {
  state: 'starting' | 'fresh' | 'stale';
  entries: number;
  /** How old the last proof is that nothing was missed; Infinity while starting. */
  ageMs: number;
  epoch: string | null;
  seq: number;
};

export type Mirror = {
  /** A few look-ups in memory; never waits, never throws. */
  check(claims: TokenClaims): Verdict;
  status(): MirrorStatus;
  /** Resolves as soon as the mirror is fresh; rejects when it is disposed of first. */
  ready(): Promise<void>;
} & AsyncDisposable;

const clear: Verdict = Object.freeze({ state: 'clear' });
const unknown: Verdict = Object.freeze({ state: 'unknown' });
const sweepPerTick = 20_000;

/**
 * A verifier's own copy of the denylist, kept in step with its source in the background.
 * `app` and `instance` name this copy towards the operator.
 */
export function createMirror(o: {
  source: Source;
  app: string;
  instance: string;
  maxStalenessMs?: number;
  log?: Log;
}): Mirror {
  const maxStalenessMs = o.maxStalenessMs ?? 5000;
  const denylist = createDenylist();
  const waiting = new Set<{ resolve: () => void; reject: (reason: Error) => void }>();
  let provenAt = -Infinity;
  let disposed = false;

  const following = o.source({
    name: { app: o.app, instance: o.instance },
    denylist,
    log: o.log,
    state: () => status().state,
    onKeysChanged() {},
    onProof(at) {
      provenAt = at;
      denylist.sweep(sweepPerTick);
      for (const waiter of waiting) waiter.resolve();
      waiting.clear();
    },
  });

  return { check, status, ready, [Symbol.asyncDispose]: dispose };

  function check(claims: TokenClaims): Verdict {
    // What is known to be dead stays dead, however old the news.
    const entry = denylist.find(claims);
    if (entry) return { state: 'revoked', entry };
    return isFresh() ? clear : unknown;
  }

  function isFresh(): boolean {
    return performance.now() - provenAt <= maxStalenessMs;
  }

  function status(): MirrorStatus {
    const { epoch, seq } = following.position();
    const state = isFresh() ? 'fresh' : provenAt === -Infinity ? 'starting' : 'stale';
    return { state, entries: denylist.size(), ageMs: performance.now() - provenAt, epoch, seq };
  }

  function ready(): Promise<void> {
    if (isFresh()) return Promise.resolve();
    if (disposed) return Promise.reject(new Error('the mirror has been disposed of'));
    return new Promise((resolve, reject) => waiting.add({ resolve, reject }));
  }

  async function dispose(): Promise<void> {
    disposed = true;
    provenAt = -Infinity;
    for (const waiter of waiting) waiter.reject(new Error('the mirror has been disposed of'));
    waiting.clear();
    await following[Symbol.asyncDispose]();
  }
}
