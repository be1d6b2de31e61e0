import { createDenylist } from './denylist.ts';
import type { Revocation, TokenClaims } from './revocation.ts';
import type { Log, MirrorState, Position, Source } from './source.ts';

export type Verdict =
  | { state: 'clear' }
  | { state: 'revoked'; entry: Revocation }
  /** Still loading, or out of touch for longer than `maxStalenessMs`: nobody can say. `readsAllowed`: see WhenStale. */
  | { state: 'unknown'; readsAllowed: boolean };

/**
 * What an application lets happen on an old copy where nobody else can be asked: nothing, or, for `forMs` beyond
 * `maxStalenessMs`, requests that change nothing.
 */
export type WhenStale = { allow: 'nothing' } | { allow: 'reads'; forMs: number };

export type MirrorStatus = {
  state: MirrorState;
  entries: number;
  /** How old the last proof is that nothing was missed; Infinity while starting. */
  ageMs: number;
  source: 'redis' | 'feed';
  whenStale: WhenStale;
  /** How often `check` gave which answer. */
  checks: Record<Verdict['state'], number>;
} & Position;

export type Mirror = {
  /** A few look-ups in memory; never waits, never throws. */
  check(claims: TokenClaims): Verdict;
  status(): MirrorStatus;
  /** Resolves as soon as the mirror is fresh; rejects when it is disposed of first. */
  ready(): Promise<void>;
  /** To this copy only, and for as long as the process runs: for what the application heard in another way. */
  add(entry: Revocation): void;
  /** The issuer's signing keys have changed, or may have. Returns how to stop listening. */
  onKeysChanged(listener: () => void): () => void;
} & AsyncDisposable;

const clear: Verdict = Object.freeze({ state: 'clear' });
const unknown: Verdict = Object.freeze({ state: 'unknown', readsAllowed: false });
const unknownButRead: Verdict = Object.freeze({ state: 'unknown', readsAllowed: true });
const sweepPerTick = 20_000;

/**
 * A verifier's own copy of the denylist, kept in step with its source in the background.
 * `app` and `instance` name this copy towards the operator; no two that run at once may have the same.
 */
export function createMirror(o: {
  source: Source;
  app: string;
  instance: string;
  maxStalenessMs?: number;
  whenStale?: WhenStale;
  log?: Log;
}): Mirror {
  const { maxStalenessMs = 5000, whenStale = { allow: 'nothing' } } = o;
  const closedAfterMs = maxStalenessMs + (whenStale.allow === 'reads' ? whenStale.forMs : 0);
  const denylist = createDenylist();
  /** Apart, because a new snapshot drops whatever the source does not know. */
  const added = createDenylist();
  const waiting = new Set<{ resolve: () => void; reject: (reason: Error) => void }>();
  const keysListeners = new Set<() => void>();
  const checks = { clear: 0, revoked: 0, unknown: 0 };
  let provenAt = -Infinity;
  let disposed = false;

  const following = o.source({
    name: { app: o.app, instance: o.instance },
    denylist,
    log: o.log,
    state,
    onProof(at) {
      provenAt = at;
      denylist.sweep(sweepPerTick);
      added.sweep(sweepPerTick);
      for (const waiter of waiting) waiter.resolve();
      waiting.clear();
    },
    onKeysChanged() {
      for (const listener of keysListeners) listener();
    },
  });

  return { check, status, ready, add: added.apply, onKeysChanged, [Symbol.asyncDispose]: dispose };

  function check(claims: TokenClaims): Verdict {
    const verdict = judge(claims);
    checks[verdict.state] += 1;
    return verdict;
  }

  function judge(claims: TokenClaims): Verdict {
    // What is known to be dead stays dead, however old the news.
    const entry = denylist.find(claims) ?? (added.size() > 0 ? added.find(claims) : undefined);
    if (entry) return { state: 'revoked', entry };
    const age = ageMs();
    if (age <= maxStalenessMs) return clear;
    return age <= closedAfterMs ? unknownButRead : unknown;
  }

  function ageMs(): number {
    return performance.now() - provenAt;
  }

  function state(): MirrorState {
    if (disposed) return 'closed';
    if (provenAt === -Infinity) return 'starting';
    const age = ageMs();
    if (age <= maxStalenessMs) return 'fresh';
    return age <= closedAfterMs ? 'stale' : 'closed';
  }

  function status(): MirrorStatus {
    return {
      state: state(),
      entries: denylist.size() + added.size(),
      ageMs: ageMs(),
      ...following.position(),
      source: following.kind,
      whenStale,
      checks: { ...checks },
    };
  }

  function ready(): Promise<void> {
    if (state() === 'fresh') return Promise.resolve();
    if (disposed) return Promise.reject(new Error('the mirror has been disposed of'));
    return new Promise((resolve, reject) => waiting.add({ resolve, reject }));
  }

  function onKeysChanged(listener: () => void): () => void {
    keysListeners.add(listener);
    return () => void keysListeners.delete(listener);
  }

  async function dispose(): Promise<void> {
    disposed = true;
    provenAt = -Infinity;
    for (const waiter of waiting) waiter.reject(new Error('the mirror has been disposed of'));
    waiting.clear();
    await following[Symbol.asyncDispose]();
  }
}
