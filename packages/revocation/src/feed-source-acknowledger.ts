import type { MirrorState } from './source.ts';

type Deps = {
  name: { app: string; instance: string };
  state: () => MirrorState;
  post: (body: string, signal: AbortSignal) => Promise<Response>;
};

/** What a mirror on the feed tells of itself, in the body of `POST <issuer>/revocations/acknowledgements`. */
export type FeedAcknowledgement = {
  instance: string;
  /** Of this start of the mirror. */
  run: string;
  state: MirrorState;
  /** Of the last proof; null and 0 before the first. */
  epoch: string | null;
  /** Everything published up to this sequence has been applied. */
  upto: number;
  /** Applied since the last message, one by one: says when, and nothing about other sequences. */
  seqs: number[];
  /** It ends, in order, and is not to be missed. */
  leaving?: true | undefined;
};

const everyMs = 1000;
const timeoutMs = 1000;
const seqsAtOnce = 1000;

/** Tells the identity provider what has been applied: at once what is new, and once a second that the mirror is there. */
export function createFeedAcknowledger({ name, state, post }: Deps) {
  const run = crypto.randomUUID();
  let untold: number[] = [];
  let proof: { epoch: string | null; seq: number } = { epoch: null, seq: 0 };
  let isKnown = false;
  let isSending = false;
  let hasLeft = false;
  const timer = setInterval(() => void report(), everyMs);
  timer.unref();

  return { applied, prove, leave };

  /** This entry is in memory from now on. What is applied while a message is on its way shares the next. */
  function applied(seq: number): void {
    if (!Number.isInteger(seq)) return; // not numbered yet: it will come again
    untold = [...untold, seq].slice(-seqsAtOnce);
    void report();
  }

  /** Everything published up to `seq` is in memory. */
  function prove(next: { epoch: string | null; seq: number }): void {
    proof = next;
  }

  /** Nobody waits for it and nothing depends on it: what could not be told goes with the next message. */
  async function report(): Promise<void> {
    if (isSending || hasLeft || proof.epoch === null) return;
    isSending = true;
    await new Promise(setImmediate); // those that came with it share the message
    const seqs = untold;
    untold = [];
    const isTaken = await tell({ seqs });
    isKnown ||= isTaken;
    isSending = false;
    if (!isTaken) untold = [...seqs, ...untold].slice(-seqsAtOnce);
    else if (untold.length > 0) void report();
  }

  /** A mirror that ends in order is not missed. */
  async function leave(): Promise<void> {
    clearInterval(timer);
    hasLeft = true;
    if (isKnown) await tell({ seqs: [], leaving: true });
  }

  async function tell(what: Pick<FeedAcknowledgement, 'seqs' | 'leaving'>): Promise<boolean> {
    const { instance } = name;
    const body: FeedAcknowledgement = { instance, run, state: state(), epoch: proof.epoch, upto: proof.seq, ...what };
    try {
      const response = await post(JSON.stringify(body), AbortSignal.timeout(timeoutMs));
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}
