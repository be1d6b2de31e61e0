import { EventSourceParserStream } from 'eventsource-parser/stream';
import { createFeedAcknowledger } from './feed-source-acknowledger.ts';
import { createFeedVerifier, type FeedEvent } from './feed-source-events.ts';
import type { Revocation } from './revocation.ts';
import type { Following, Receiver, Source } from './source.ts';

export type FeedOptions = {
  /** As the identity provider writes it in tokens; the feed is at `<issuer>/revocations`. */
  issuer: string;
  clientId: string;
  clientSecret: string | { reveal(): string };
  /** For proxies and private certificate authorities. */
  fetch?: typeof globalThis.fetch;
};

/** The identity provider says something at least twice a second; who hears nothing for this long has lost it. */
const silenceMs = 3000;
/** How long an entry that a new snapshot lacks is still enforced: the ledger may be about to put it back. */
const lostEntryGraceMs = 60_000;
const maxEventLength = 8 * 1024 * 1024;

/**
 * Keeps a denylist in step over HTTPS, for an application that cannot reach Redis: a stream of signed events, opened
 * with a cursor, and opened again whenever it ends, falls silent, skips an event or says what cannot be believed.
 */
export function feedSource(options: FeedOptions): Source {
  return (receiver) => follow(options, receiver);
}

function follow(options: FeedOptions, { name, denylist, log, state, onProof, onKeysChanged }: Receiver): Following {
  const { issuer, clientId, clientSecret, fetch = globalThis.fetch } = options;
  const secret = typeof clientSecret === 'string' ? clientSecret : clientSecret.reveal();
  const authorization = `Basic ${btoa([clientId, secret].map(formEncoded).join(':'))}`;
  const address = `${issuer.replace(/\/$/, '')}/revocations`;
  const verifier = createFeedVerifier({ issuer, clientId, fetch });
  const acknowledger = createFeedAcknowledger({
    name,
    state,
    post: (body, signal) =>
      fetch(`${address}/acknowledgements`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal,
      }),
  });

  let epoch: string | null = null;
  let seq = 0;
  let lagMs: number | null = null;
  /** `<epoch>:<seq>` up to which nothing is missing; null: the next stream begins with a snapshot. */
  let cursor: string | null = null;
  /** Entries a later snapshot lacks, and until when (performance.now) they are enforced all the same. */
  const doubtful = new Map<string, number>();
  const stop = new AbortController();
  let complaint = '';
  let failures = 0;

  const running = run();
  return {
    kind: 'feed',
    position: () => ({ epoch, seq, lagMs }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await acknowledger.leave();
    },
  };

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await readStream();
      } catch (error) {
        complain(error);
      }
      await rest(Math.min(50 * 2 ** failures, 2000) * (0.5 + Math.random()));
      failures = Math.min(failures + 1, 6);
    }
  }

  /** Reads one stream to its end. Throws as soon as it says anything that cannot be believed, and when it says nothing. */
  async function readStream(): Promise<void> {
    const silence = silenceWatch();
    const challenge = crypto.randomUUID();
    const signal = AbortSignal.any([stop.signal, silence.signal]);
    try {
      const asked = performance.now();
      const response = await fetch(`${address}?challenge=${challenge}`, {
        headers: { authorization, accept: 'text/event-stream', ...(cursor ? { 'last-event-id': cursor } : {}) },
        redirect: 'error',
        signal,
      });
      if (!response.ok || !response.body) throw new Error(`the feed answered ${response.status}`);
      const events = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream({ maxBufferSize: maxEventLength }));
      const reading = createReading({ asked, challenge });
      for await (const { data } of events) {
        const event = await verifier.verify(data);
        signal.throwIfAborted();
        silence.heard();
        reading.take(event);
      }
    } finally {
      silence.end();
    }
  }

  /** One stream: what it must say next, and what follows from what it says. */
  function createReading({ asked, challenge }: { asked: number; challenge: string }) {
    let opened: (FeedEvent & { kind: 'opened' }) | undefined;
    let n = 0;
    let batches = 0;
    let isComplete = false;
    const present = new Set<string>();
    return { take };

    function take(event: FeedEvent): void {
      if (!opened) {
        if (event.kind !== 'opened' || event.challenge !== challenge)
          throw new Error('the stream is not an answer to our request');
        opened = event;
        n = event.n;
        return;
      }
      if (event.kind === 'opened') throw new Error('the stream was opened twice');
      if (event.kind === 'batch') return takeBatch(event);
      if (event.n !== n + 1) throw new Error(`event ${n + 1} of the feed is missing: ${event.n} came`);
      n = event.n;
      if (event.kind === 'keys-changed') keysChanged();
      else if (event.kind === 'revocation') {
        lagMs = Math.max(0, performance.now() - onOurClock(event.at, opened.now));
        apply(event.entry);
        acknowledger.applied(event.entry.seq);
      } else if (isComplete) {
        cursor = `${event.epoch}:${event.seq}`;
        settle(event.seq, onOurClock(event.at, opened.now));
      }
    }

    function takeBatch(batch: FeedEvent & { kind: 'batch' }): void {
      if (batch.challenge !== challenge || batch.index !== batches || isComplete)
        throw new Error('a batch of the feed is missing or came twice');
      batches += 1;
      for (const entry of batch.entries) apply(entry);
      if (!batch.last) return;
      isComplete = true;
      if (batch.snapshot) doubtAllBut(present);
      if (epoch !== null) keysChanged(); // word of it may have been in what was missed
      epoch = opened?.epoch ?? null;
    }

    function apply(entry: Revocation): void {
      denylist.apply(entry);
      doubtful.delete(entry.id);
      if (!isComplete) present.add(entry.id);
      if (Number.isInteger(entry.seq)) seq = Math.max(seq, entry.seq);
    }

    /**
     * The stream was opened after we asked, so a moment on the node's clock is never later than this on ours, however
     * long events travel and whatever either clock shows.
     */
    function onOurClock(at: number, openedAt: number): number {
      return Math.min(asked + (at - openedAt), performance.now());
    }
  }

  function settle(upto: number, at: number): void {
    if (complaint) log?.info({ epoch, seq }, 'denylist: in step again');
    complaint = '';
    failures = 0;
    seq = Math.max(seq, upto);
    for (const [id, until] of doubtful) {
      if (until > performance.now()) break;
      doubtful.delete(id);
      denylist.remove(id);
    }
    onProof(at);
    acknowledger.prove({ epoch, seq: upto });
  }

  function doubtAllBut(present: ReadonlySet<string>): void {
    for (const id of denylist.ids()) {
      if (!present.has(id) && !doubtful.has(id)) doubtful.set(id, performance.now() + lostEntryGraceMs);
    }
  }

  function keysChanged(): void {
    verifier.forgetKeys();
    onKeysChanged();
  }

  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (stop.signal.aborted || message === complaint) return;
    complaint = message;
    log?.warn({ err: error }, 'denylist: out of step');
  }

  function rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      stop.signal.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        stop.signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}

function silenceWatch() {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('the feed fell silent')), silenceMs);
  return { signal: controller.signal, heard: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

/** RFC 6749 section 2.3.1. */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}
