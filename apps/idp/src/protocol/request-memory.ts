import Provider from 'oidc-provider';

/**
 * What one request has read already. A flow needs a session, its grant and its account, and the library asks for them one
 * by one; a statement that joins them leaves the rest here. It ends with the request, so nothing is ever stale for longer.
 */
const memory = new WeakMap<object, Map<string, unknown>>();

export function keepForRequest(key: string, value: unknown): void {
  const ctx = Provider.ctx;
  if (!ctx) return;
  const known = memory.get(ctx) ?? new Map<string, unknown>();
  memory.set(ctx, known.set(key, value));
}

/** The value is taken out: whoever asks a second time reads the store again. */
export function takeFromRequest<T>(key: string): { value: T } | undefined {
  const ctx = Provider.ctx;
  const known = ctx && memory.get(ctx);
  if (!known?.has(key)) return undefined;
  const value = known.get(key) as T;
  known.delete(key);
  return { value };
}
