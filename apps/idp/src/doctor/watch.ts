/** How long something that was accepted goes on being accepted. */
import { setTimeout as delay } from 'node:timers/promises';

/** Between requests: what the figure is exact to, beside the time a request takes. */
const pauseMs = 10;
/** Refused for so long without a break: an application of several instances would have let one through by now. */
const settledMs = 1000;

export type Watched = {
  requests: number;
  /** From the act to the sending of the last request that was accepted; null: none after the act was. */
  acceptedMs: number | null;
  /** It was still accepted when the time was over. */
  stillAccepted: boolean;
  /** What came instead, such as 401. */
  refusedWith: string;
};
/** `accepted`, or what came instead. */
export type Probe = () => Promise<'accepted' | (string & {})>;

/**
 * Asks over and over, from before the act until refusals are steady or `withinMs` is over; requests follow one another.
 * `acted` says when the act was acknowledged, in the time of `performance`; it rejects when there was none.
 */
export async function watch(
  probe: Probe,
  { acted, withinMs }: { acted: Promise<number>; withinMs: number },
): Promise<Watched> {
  const watched: Watched = { requests: 0, acceptedMs: null, stillAccepted: false, refusedWith: '' };
  const act: { at: number | null; failed: boolean } = { at: null, failed: false };
  acted.then(
    (at) => (act.at = at),
    () => (act.failed = true),
  );
  let refusedSince: number | null = null;
  while (!act.failed && !watched.stillAccepted) {
    const sentAt = performance.now();
    const answer = await probe();
    watched.requests += 1;
    if (answer === 'accepted') {
      refusedSince = null;
      if (act.at !== null && sentAt > act.at) watched.acceptedMs = sentAt - act.at;
      watched.stillAccepted = (watched.acceptedMs ?? 0) > withinMs;
    } else {
      refusedSince ??= sentAt;
      watched.refusedWith ||= answer;
      if (act.at !== null && sentAt - Math.max(refusedSince, act.at) > settledMs) break;
    }
    await delay(pauseMs);
  }
  await acted;
  return watched;
}
