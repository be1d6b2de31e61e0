import { Redis } from 'ioredis';
import { createAcknowledger } from './acknowledgements.ts';
import { keys } from './keys.ts';
import { inMs, transaction, type Change, type Time } from './replies.ts';
import { toRevocation } from './revocation.ts';
import type { Following, Receiver, Source } from './source.ts';

/** Redis' clock; epoch, highest sequence, when a node confirmed; changes. */
type Read = [Time, string | null, string | null, string | null, Change[]];

const readEveryMs = 1000;
const pageSize = 1000;
/** Out of touch for longer, a mirror needs the word of a node that Redis has what was acknowledged meanwhile. */
const gapMs = 2500;
/** How old that word may be. */
const confirmedWithinMs = 3000;
/** How long an entry that a new snapshot lacks is still enforced: a fail-over may have lost what the ledger is about to put back. */
const lostEntryGraceMs = 60_000;

/**
 * Keeps a denylist in step with Redis: position, snapshot, then the stream from that position, for ever.
 * Wake-ups by pub/sub make it quick; the stream makes it complete; a read at least every second proves that it is.
 */
export function redisSource({ url }: { url: string }): Source {
  return (receiver) => follow(url, receiver);
}

function follow(url: string, { name, denylist, log, state, onProof, onKeysChanged }: Receiver): Following {
  const connect = (role: string) => {
    const redis = new Redis(url, {
      connectionName: `portcullis-${role}:${name.app}:${name.instance}`.replaceAll(/[^\w.:-]/g, '_'),
      // A Redis that hangs must show as an error here, not as a promise that waits.
      commandTimeout: 1000,
      connectTimeout: 1000,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false, // `ready` subscribes; the client's own attempt would reject with nobody to hear it
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000) * (0.5 + Math.random() / 2),
    });
    redis.on('error', (error: Error) => complain(error));
    return redis;
  };
  const reader = connect('mirror');
  const listener = connect('mirror-wake');
  const acknowledger = createAcknowledger(reader, name);

  let epoch: string | null = null;
  /** Id of the last stream entry applied; null: the snapshot must be loaded. */
  let cursor: string | null = null;
  let seq = 0;
  let lagMs: number | null = null;
  /** When (performance.now) entries were heard that the stream has not shown yet, by sequence. */
  const heardAt = new Map<number, number>();
  /** Redis' clock in ms at the last read of this turn. */
  let readAt: number | undefined;
  /** Entries a later snapshot lacks, and until when (performance.now) they are enforced all the same. */
  const doubtful = new Map<string, number>();
  let stopped = false;
  let complaint = '';
  /** When (performance.now) the last read that proved something was sent. */
  let provenAt: number | undefined;
  /** Without an answer, in a row. */
  let silentPings = 0;
  let wake = () => {};
  let woken = false;
  let ringSoon: NodeJS.Timeout | undefined;

  listener.on('message', (_channel: string, message: string) => {
    // Entries can only add to what is refused, so they are applied at once. A number left out may be one that was missed:
    // the read that finds it comes a moment later, for five hundred at once would hold up the very messages that bring
    // the news. Otherwise the next regular read will do.
    const heard: number[] = [];
    try {
      const expected = seq + 1;
      const entries = JSON.parse(message) as unknown[];
      for (const entry of entries) heard.push(apply(entry));
      if (heard.length === 0) ring();
      else if (Math.min(...heard) > expected) ringSoon ??= setTimeout(ring, 50 + Math.random() * 200).unref();
    } catch (error) {
      complain(error);
      ring();
    }
    if (heard.length === 0) return;
    for (const one of heard) heardAt.set(one, performance.now());
    acknowledger.applied(heard);
  });
  listener.on('ready', () => void listener.subscribe(keys.wake).then(ring, () => listener.disconnect(true)));
  reader.on('ready', ring);

  const running = run();
  return {
    kind: 'redis',
    position: () => ({ epoch, seq, lagMs }),
    async [Symbol.asyncDispose]() {
      stopped = true;
      await acknowledger.leave();
      reader.disconnect();
      listener.disconnect();
      ring();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      readAt = undefined;
      const before = reader.stream?.bytesRead;
      try {
        if (reader.status === 'ready') await read();
      } catch (error) {
        complain(error);
        if (isTimeout(error)) await renewIfSilent(before);
      }
      if (readAt !== undefined) void acknowledger.report(readAt, state());
      if (listener.status === 'ready') void ping();
      await rest();
    }
  }

  /**
   * A connection that does not answer may be dead, and TCP would nurse it for minutes. But if it was this process that
   * was held up, the answer is there and is read before the next turn of its event loop.
   */
  async function renewIfSilent(bytesBefore: number | undefined): Promise<void> {
    await new Promise(setImmediate);
    if (reader.stream?.bytesRead === bytesBefore) reader.disconnect(true);
  }

  /** More patient than a read, which does without wake-ups: a new subscription costs a slow Redis more than an old one. */
  async function ping(): Promise<void> {
    try {
      await listener.ping();
      silentPings = 0;
    } catch {
      silentPings += 1;
      if (silentPings % 3 === 0) listener.disconnect(true);
    }
  }

  /** Reads until nothing is left; only then is it known that nothing was missed up to the moment of asking. */
  async function read(): Promise<void> {
    if (cursor === null) await loadSnapshot();
    while (cursor !== null && !stopped) {
      const asked = performance.now();
      const [time, current, top, confirmed, changes] = await transaction<Read>(
        reader
          .multi()
          .time()
          .get(keys.epoch)
          .get(keys.seq)
          .get(keys.confirmed)
          .xrange(keys.stream, cursor, '+', 'COUNT', pageSize),
      );
      readAt = inMs(time);
      // The cursor's own entry comes first unless the stream was trimmed past it or began anew.
      if (current !== epoch || changes[0]?.[0] !== cursor) {
        log?.warn({ epoch, current, cursor }, 'denylist: lost the thread, loading the snapshot again');
        cursor = null;
        ring();
        return;
      }
      const clockOffset = readAt - (asked + performance.now()) / 2;
      const found: number[] = [];
      for (const [id, [field, content = '']] of changes.slice(1)) {
        if (field === 'entry') {
          const applied = apply(JSON.parse(content));
          const at = heardAt.get(applied);
          if (at === undefined) found.push(applied);
          heardAt.delete(applied);
          lagMs = Math.max(0, (at ?? performance.now()) + clockOffset - Number.parseInt(id, 10));
        }
        if (field === 'keys') onKeysChanged();
        cursor = id;
      }
      if (found.length > 0) acknowledger.applied(found);
      if (changes.length < pageSize) {
        // A Redis that hung holds nothing of what was acknowledged meanwhile until a node has caught up.
        const away = provenAt === undefined ? complaint !== '' : asked - provenAt > gapMs;
        if (away && readAt - Number(confirmed ?? 0) > confirmedWithinMs)
          throw new Error('no node has confirmed yet that Redis has what was acknowledged meanwhile');
        provenAt = asked;
        acknowledger.prove({ epoch, seq: Number(top ?? 0) });
        settle(asked);
        return;
      }
    }
  }

  /**
   * The position is taken first and the pages after it: what changes meanwhile is read again from the stream, and an
   * entry applied twice is applied once. So no page needs to wait for another, however long the list.
   */
  async function loadSnapshot(): Promise<void> {
    const [time, current, last] = await transaction<[Time, string | null, Change[]]>(
      reader.multi().time().get(keys.epoch).xrevrange(keys.stream, '+', '-', 'COUNT', 1),
    );
    readAt = inMs(time);
    const position = last[0]?.[0];
    if (current === null || position === undefined)
      throw new Error('the denylist in Redis is empty and waits to be rebuilt');
    const present = new Set<string>();
    let page = '0';
    do {
      const [next, fields] = await reader.hscan(keys.entries, page, 'COUNT', pageSize);
      page = next;
      for (let i = 0; i < fields.length; i += 2) {
        present.add(fields[i] ?? '');
        apply(JSON.parse(fields[i + 1] ?? ''));
      }
    } while (page !== '0' && !stopped);
    for (const id of denylist.ids()) {
      if (!present.has(id) && !doubtful.has(id)) doubtful.set(id, performance.now() + lostEntryGraceMs);
    }
    if (epoch !== null) onKeysChanged(); // word of it may have been in what was missed
    heardAt.clear();
    epoch = current;
    cursor = position;
    log?.info({ epoch, entries: denylist.size() }, 'denylist: snapshot loaded');
  }

  function dropDoubtful(): void {
    for (const [id, until] of doubtful) {
      if (until > performance.now()) return;
      doubtful.delete(id);
      denylist.remove(id);
    }
  }

  /** Its sequence. */
  function apply(value: unknown): number {
    const entry = toRevocation(value);
    denylist.apply(entry);
    doubtful.delete(entry.id);
    seq = Math.max(seq, entry.seq);
    return entry.seq;
  }

  function settle(at: number): void {
    if (complaint) log?.info({ epoch, seq }, 'denylist: in step again');
    complaint = '';
    dropDoubtful();
    onProof(at);
  }

  function ring(): void {
    clearTimeout(ringSoon);
    ringSoon = undefined;
    woken = true;
    wake();
  }

  /** Until rung, or about a second: jitter keeps five hundred mirrors from reading in step. */
  function rest(): Promise<void> {
    if (woken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, readEveryMs * (0.8 + Math.random() * 0.2));
      wake = done;
      function done() {
        clearTimeout(timer);
        wake = () => {};
        resolve();
      }
    });
  }

  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (stopped || message === complaint) return;
    complaint = message;
    log?.warn({ err: error }, 'denylist: out of step');
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
}
