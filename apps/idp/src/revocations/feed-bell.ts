import { keys, toRevocation, type Revocation } from '@portcullis/revocation';
import type { Redis } from 'ioredis';

/**
 * Hears through Redis what any node has just published. It only makes the feed quicker: what is missed here, while
 * Redis is away or for any other reason, is found in the ledger.
 */
export function listenForPublications(
  redis: Redis,
  onEntries: (entries: Revocation[]) => void,
): Disposable & { ping(): void } {
  const listener = redis.duplicate({
    lazyConnect: false,
    autoResubscribe: false, // `ready` subscribes; the client's own attempt would reject with nobody to hear it
  });
  listener.on('error', () => {});
  listener.on('ready', () => void listener.subscribe(keys.wake).catch(() => listener.disconnect(true)));
  listener.on('message', (_channel: string, message: string) => {
    try {
      const said: unknown = JSON.parse(message);
      if (Array.isArray(said)) onEntries(said.map(toRevocation));
    } catch {
      // Not an entry, or not one that can be read; the ledger has it if it is one.
    }
  });
  return {
    /** A connection that died without a word is replaced. */
    ping() {
      if (listener.status === 'ready') listener.ping().catch(() => listener.disconnect(true));
    },
    [Symbol.dispose]: () => listener.disconnect(),
  };
}
