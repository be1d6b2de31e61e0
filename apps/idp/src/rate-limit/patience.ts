const patienceMs = 1000;

/** After an unanswered question nobody else waits for this long. */
const givenUpMs = 1000;

export type Patience = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs work on a server that may hang instead of failing; gives up on the answer, and for a moment on the server. */
export function createPatience(): Patience {
  let givenUpUntil = 0;

  return async (work) => {
    if (performance.now() < givenUpUntil) throw new Error('the server did not answer a moment ago');
    const { promise: late, reject } = Promise.withResolvers<never>();
    let waiting = true;
    // A process that was itself held up reads the answers that have arrived before it complains.
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), patienceMs);
    try {
      return await Promise.race([work(), late]);
    } finally {
      waiting = false;
      clearTimeout(timer);
    }

    function giveUp(): void {
      if (!waiting) return;
      givenUpUntil = performance.now() + givenUpMs;
      reject(new Error('the server does not answer'));
    }
  };
}
