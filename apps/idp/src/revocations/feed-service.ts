/**
 * The revocations as they happen, for applications that cannot reach Redis. The ledger in PostgreSQL is what is read
 * and what proves that nothing is missing, so the feed does not care whether Redis is there; Redis, where it is, says
 * what is new a little earlier. Without PostgreSQL nothing can be revoked and nothing be proven: the feed falls silent.
 */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@portcullis/http';
import type { Log, Revocation } from '@portcullis/revocation';
import type { ClientDirectory, RegisteredClient } from '#clients/directory.ts';
import { createAudience, type Audience, type Sign } from './feed-audience.ts';
import { createBacklog } from './feed-backlog.ts';
import type { FeedEvent } from './feed-events.ts';
import { toldKey, type FeedLedger, type LedgerPosition } from './feed-ledger.ts';
import { createFeedStream, type FeedStream } from './feed-stream.ts';

type Deps = {
  issuer: string;
  ledger: FeedLedger;
  clients: Pick<ClientDirectory, 'find'>;
  sign: Sign;
  log: Pick<Log, 'warn'>;
  /** Called with a listener for what was just published; it may miss some. */
  bell: (onEntries: (entries: Revocation[]) => void) => Disposable & { ping(): void };
  /** Between two looks at the ledger, each of which ends in a proof to every reader. */
  intervalMs?: number;
};

type Unnumbered<Event> = Event extends { n: number } ? Omit<Event, 'n'> : never;
type Broadcast = Unnumbered<Exclude<FeedEvent, { kind: 'opened' }>>;
/** The readers of one client. */
type Room = { audience: Audience; readers: Set<{ stream: FeedStream; secretHash: string }> };
export type Feed = ReturnType<typeof createFeed>;

const streamsPerClient = 100;
/** More than this at once is cheaper in batches: the readers are sent away and come back with their cursors. */
const liveAtOnce = 1000;
/** A reader measures time by the node's clock from the opening on, and clocks drift: after a while it measures anew. */
const streamMs = 10 * 60_000;

export function createFeed({ issuer, ledger, clients, sign, log, bell, intervalMs = 500 }: Deps) {
  const node = randomUUID();
  const rooms = new Map<string, Room>();
  const backlog = createBacklog(ledger);
  /** The last version told of what the ledger has no number for yet, or of what the bell said before the ledger. */
  const told = new Map<string, Revocation>();
  const stop = new AbortController();
  let position: LedgerPosition | undefined;
  let n = 0;
  let complaint = '';
  const heard = bell((entries) => {
    for (const entry of entries) if (position && entry.seq > position.seq) tell(entry);
  });
  const running = run();
  return { subscribe, keysChanged, close, [Symbol.asyncDispose]: dispose };

  /**
   * Answers with a stream: `opened`, then what the reader lacks in batches, and all along what happens.
   * Throws AppError, before anything is answered, when this client has too many or the ledger has not been read yet.
   */
  function subscribe(
    client: Pick<RegisteredClient, 'id'>,
    o: { res: ServerResponse; secretHash: string; challenge: string; cursor: LedgerPosition | undefined },
  ): void {
    if (!position || stop.signal.aborted)
      throw new AppError('unavailable', 'feed_not_ready', 'The feed is not ready.', { retryAfterSeconds: 1 });
    const room = rooms.get(client.id) ?? newRoom(client.id);
    if (room.readers.size >= streamsPerClient)
      throw new AppError('throttled', 'too_many_streams', 'Too many streams are open for this client.', {
        retryAfterSeconds: 10,
      });
    o.res.flushHeaders();
    const stream = createFeedStream(o.res);
    const reader = { stream, secretHash: o.secretHash };
    room.readers.add(reader);
    stream.onClose(() => room.readers.delete(reader));
    const { audience } = room;
    const { epoch } = position;
    const { challenge, cursor } = o;
    const opened = audience.open(stream, { kind: 'opened', epoch, challenge, node, now: performance.now(), n });
    const since = cursor?.epoch === epoch && cursor.seq <= position.seq ? cursor.seq : undefined;
    const send = async (batch: Parameters<Parameters<typeof backlog.send>[1]>[0]): Promise<boolean> => {
      stream.write(await audience.frameOf({ kind: 'batch', challenge, ...batch }));
      await stream.drained();
      return stream.isOpen();
    };
    opened
      .then(() => backlog.send(since, send))
      .catch((error: unknown) => {
        complain(error);
        stream.end();
      });
  }

  function newRoom(clientId: string): Room {
    const room: Room = { audience: createAudience({ clientId, issuer, sign }), readers: new Set() };
    rooms.set(clientId, room);
    return room;
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await look();
        complaint = '';
      } catch (error) {
        complain(error);
      }
      heard.ping();
      sendAwayTheUnwelcome();
      await delay(intervalMs * (0.8 + Math.random() * 0.2), undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  /** One look at the ledger; whatever was committed before it began has been told when its proof is. */
  async function look(): Promise<void> {
    const at = performance.now();
    const found = await ledger.changes(position?.seq ?? Number.MAX_SAFE_INTEGER, {
      told: [...told.values()].map(toldKey),
    });
    if (!found) return;
    const { epoch, seq, entries } = found;
    const before = position ?? { epoch, seq };
    position = { epoch, seq };
    const isElsewhere = before.epoch !== epoch || before.seq > seq;
    if (isElsewhere || entries.length > liveAtOnce) {
      told.clear();
      for (const entry of entries) told.set(entry.id, entry);
      endAll();
    } else for (const entry of entries) tell(entry);
    for (const [id, entry] of told) if (isSettled(entry, seq)) told.delete(id);
    broadcast({ kind: 'proof', epoch, seq, at });
  }

  function tell(entry: Revocation): void {
    if ((told.get(entry.id)?.seq ?? -1) >= entry.seq) return;
    told.set(entry.id, entry);
    broadcast({ kind: 'revocation', entry, at: performance.now() });
  }

  function broadcast(event: Broadcast): void {
    n += 1;
    for (const { audience } of rooms.values()) audience.tell({ ...event, n });
  }

  /** The keys in the JWKS are others than before. */
  function keysChanged(): void {
    broadcast({ kind: 'keys-changed' });
  }

  /** Of clients that were disabled, lost the declaration or the secret they came with; and who has been here for long. */
  function sendAwayTheUnwelcome(): void {
    for (const [clientId, { readers }] of rooms) {
      const client = clients.find(clientId);
      for (const { stream, secretHash } of readers) {
        const isWelcome = client?.metadata['feed'] === true && client.secretHashes.includes(secretHash);
        if (!isWelcome || performance.now() - stream.openedAt > streamMs) stream.end();
      }
      if (readers.size === 0) rooms.delete(clientId);
    }
  }

  function endAll(): void {
    for (const { readers } of rooms.values()) for (const { stream } of readers) stream.end();
  }

  /** Ends every stream and takes no more: the readers go to another node. */
  function close(): void {
    stop.abort();
    endAll();
  }

  async function dispose(): Promise<void> {
    close();
    heard[Symbol.dispose]();
    await running;
  }

  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === complaint || stop.signal.aborted) return;
    complaint = message;
    log.warn({ err: error }, 'feed: the ledger cannot be read, nothing is proven to the readers');
  }
}

/** From here on the ledger's number says whether an entry is new. */
function isSettled(entry: Revocation, seq: number): boolean {
  return Number.isInteger(entry.seq) && entry.seq <= seq;
}
