import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What may wait for one reader, in bytes: some batches, or minutes of live events. Who lets more pile up starts anew. */
const maxWaiting = 4 * 1024 * 1024;
const drainMs = 5000;

export type FeedStream = ReturnType<typeof createFeedStream>;

/** One reader's answer, which has its headers already. Writing to a stream that has ended does nothing. */
export function createFeedStream(res: ServerResponse) {
  return {
    openedAt: performance.now(),
    write,
    drained,
    end: () => void res.end(),
    /** Connection and all: for a reader that does not take what it is sent. */
    drop: () => void res.destroy(),
    isOpen: () => !res.writableEnded && !res.destroyed,
    onClose: (listener: () => void) => void res.once('close', listener),
  };

  function write(frame: string): void {
    if (res.writableEnded || res.destroyed) return;
    res.write(frame);
    if (res.writableLength > maxWaiting) res.destroy();
  }

  /** Resolves when the reader has taken what was written, or is gone; one that takes too long is dropped. */
  async function drained(): Promise<void> {
    if (!res.writableNeedDrain || res.destroyed) return;
    const patience = AbortSignal.timeout(drainMs);
    const closed = new AbortController();
    const close = (): void => closed.abort();
    res.once('close', close);
    try {
      await once(res, 'drain', { signal: AbortSignal.any([patience, closed.signal]) });
    } catch {
      res.destroy();
    } finally {
      res.off('close', close);
    }
  }
}
