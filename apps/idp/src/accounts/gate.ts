import { AppError } from '@portcullis/http';

/** Lets at most `maxInFlight` pieces of work run and `maxQueued` wait; the next is refused at once. */
export function createGate({ maxInFlight, maxQueued = 32 }: { maxInFlight: number; maxQueued?: number }) {
  const queue: (() => void)[] = [];
  let inFlight = 0;

  return { run, refuseWhenFull };

  /** Throws AppError 'unavailable' when no more work may wait. Ask before doing anything that costs. */
  function refuseWhenFull(): void {
    if (inFlight < maxInFlight || queue.length < maxQueued) return;
    throw new AppError('unavailable', 'sign_in_busy', 'Too many people are signing in right now. Try again shortly.', {
      retryAfterSeconds: 2,
    });
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    refuseWhenFull();
    if (inFlight < maxInFlight) inFlight += 1;
    else await new Promise<void>((admit) => queue.push(admit));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next(); // the place passes on; inFlight stays the same
      else inFlight -= 1;
    }
  }
}
