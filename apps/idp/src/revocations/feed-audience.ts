import type { JWTPayload } from 'jose';
import { claimsOf, type FeedEvent } from './feed-events.ts';
import type { FeedStream } from './feed-stream.ts';

export type Sign = (claims: JWTPayload, header: { typ: string }) => Promise<string>;
export type Audience = ReturnType<typeof createAudience>;

/** The streams of one client: `aud` is the same for all of them, so an event is signed once and written to each. */
export function createAudience({ clientId, issuer, sign }: { clientId: string; issuer: string; sign: Sign }) {
  const streams = new Set<FeedStream>();
  let queue: Promise<void> = Promise.resolve();
  return { tell, open, frameOf };

  /** Events reach the streams in the order of the calls. */
  function tell(event: FeedEvent): void {
    void inOrder(async () => {
      if (streams.size === 0) return;
      const frame = await frameOf(event);
      for (const stream of streams) stream.write(frame);
    });
  }

  /**
   * The stream gets this event, and then everything that is told after this call and nothing from before it.
   * Resolves when the event is on its way, or the stream has ended.
   */
  function open(stream: FeedStream, event: FeedEvent): Promise<void> {
    stream.onClose(() => streams.delete(stream));
    return inOrder(async () => {
      if (!stream.isOpen()) return;
      streams.add(stream);
      stream.write(await frameOf(event));
    });
  }

  function inOrder(work: () => Promise<void>): Promise<void> {
    queue = queue.then(work).catch(() => {
      for (const stream of streams) stream.end(); // an event that could not be signed must not be skipped
    });
    return queue;
  }

  async function frameOf(event: FeedEvent): Promise<string> {
    const token = await sign({ ...claimsOf(event, issuer), aud: clientId }, { typ: 'secevent+jwt' });
    const id = event.kind === 'proof' ? `id: ${event.epoch}:${event.seq}\n` : '';
    return `${id}data: ${token}\n\n`;
  }
}
