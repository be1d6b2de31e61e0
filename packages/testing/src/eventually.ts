import { setTimeout as pause } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/**
 * Asks `probe` until it answers something truthy without throwing, and returns that answer.
 * Past `withinMs` (5 seconds if not said) it throws, with the last failure as the cause.
 */
export async function eventually<T>(probe: () => Promise<T> | T, o: { withinMs?: number } = {}): Promise<T> {
  const withinMs = o.withinMs ?? 5_000;
  const deadline = performance.now() + withinMs;
  let wait = FIRST_PAUSE_MS;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = new Error(`the probe answered ${String(answer)}`);
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      const why = last instanceof Error ? last.message : String(last);
      throw new Error(`not so within ${withinMs} ms: ${why}`, { cause: last });
    }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}
