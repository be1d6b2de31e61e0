import type { Revocation } from '@portcullis/revocation';
import type { FeedLedger } from './feed-ledger.ts';

type Batch = { index: number; last: boolean; snapshot: boolean; entries: Revocation[] };
/** Answers false when the reader is gone. */
type Take = (batch: Batch) => Promise<boolean>;

const batchSize = 500;
/** Who is further behind than this gets a snapshot. */
const resumeLimit = 5000;
/** However many readers come at once, a connection is left for the look at the ledger that proves something to the others. */
const readsAtOnce = 2;

/** What a reader lacks when it comes. */
export function createBacklog(ledger: FeedLedger) {
  let reading = 0;
  const waiting: (() => void)[] = [];
  return { send };

  /** `since`: the ledger sequence up to which the reader knows everything; undefined: it knows nothing. */
  async function send(since: number | undefined, take: Take): Promise<void> {
    if (since !== undefined) {
      const changed = await inTurn(() => ledger.changes(since, { limit: resumeLimit + 1 }));
      if (changed && changed.entries.length <= resumeLimit) return sendAll(changed.entries, take);
    }
    const pages = ledger.pages(batchSize);
    for (let index = 0; ; index += 1) {
      const { value: entries, done } = await inTurn(() => pages.next());
      if (done) return;
      if (!(await take({ index, last: entries.length < batchSize, snapshot: true, entries }))) return;
    }
  }

  async function sendAll(entries: Revocation[], take: Take): Promise<void> {
    for (let index = 0; ; index += 1) {
      const rest = entries.slice(index * batchSize);
      const last = rest.length <= batchSize;
      const isTaken = await take({ index, last, snapshot: false, entries: rest.slice(0, batchSize) });
      if (last || !isTaken) return;
    }
  }

  async function inTurn<T>(read: () => Promise<T>): Promise<T> {
    while (reading >= readsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    reading += 1;
    try {
      return await read();
    } finally {
      reading -= 1;
      waiting.shift()?.();
    }
  }
}
