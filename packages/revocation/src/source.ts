import type { Denylist } from './denylist.ts';

/** The part of a logger that is used here; a pino logger fits. */
export type Log = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>;

/**
 * starting: nothing proven yet · fresh: nothing was missed up to `maxStalenessMs` ago · stale: longer, but inside the
 * bound the application opted for · closed: nothing may be decided any more.
 */
export type MirrorState = 'starting' | 'fresh' | 'stale' | 'closed';

/** The mirror as its source sees it. */
export type Receiver = {
  /** Of this copy, towards the operator. */
  name: { app: string; instance: string };
  /** The source puts into it what it hears and takes out what it must. */
  denylist: Denylist;
  log: Log | undefined;
  state: () => MirrorState;
  /** Takes the time (performance.now) up to which nothing was missed. */
  onProof: (at: number) => void;
  /** The issuer's signing keys have changed, or may have while the source was out of step. */
  onKeysChanged: () => void;
};

export type Position = {
  /** Of the snapshot that was loaded; null before the first. */
  epoch: string | null;
  /** Highest ledger sequence known here. */
  seq: number;
  /** How long the newest change took from its publication to here; null before the first. */
  lagMs: number | null;
};

/** A source at work; it ends, and lets go of its connections, when disposed of. */
export type Following = { kind: 'redis' | 'feed'; position(): Position } & AsyncDisposable;

/**
 * Where a mirror hears of revocations. Called once, it keeps the denylist in step in the background and never throws;
 * telling the identity provider what has been applied is its own affair.
 */
export type Source = (receiver: Receiver) => Following;
