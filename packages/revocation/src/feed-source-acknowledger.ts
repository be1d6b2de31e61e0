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
export function createFeedAcknowledger({ name, state, post }: Deps): AsyncDisposable & {
  hear(seq: number): void;
  prove(proof: { epoch: string | null; seq: number }): void;
} {
  const run = crypto.randomUUID();
  let heard: number[] = [];
  let proof: { epoch: string | null; seq: number } = { epoch: null, seq: 0 };
  /** The proof that was taken. */
  let told = proof;
  let isSending = false;
  let hasLeft = false;
  const timer = setInterval(() => void send(), everyMs);
  timer.unref();

  return {
    hear(seq) {
      if (!Number.isInteger(seq)) return; // not numbered yet: it will come again
      heard.push(seq);
      if (!isSending) void send();
    },
    prove: (next) => void (proof = next),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      hasLeft = true;
      if (told.epoch === null) return; // nobody knows of this mirror
      await tell({ epoch: proof.epoch, upto: proof.seq, seqs: [], leaving: true }).catch(() => {});
    },
  };

  /** Nobody waits for it and nothing depends on it: what could not be told is covered by the next proof. */
  async function send(): Promise<void> {
    if (isSending || hasLeft || proof.epoch === null) return;
    isSending = true;
    await new Promise(setImmediate); // those that came with it share the message
    const telling = proof;
    const seqs = heard.slice(0, seqsAtOnce);
    heard = heard.slice(seqsAtOnce);
    try {
      const isTaken = await tell({ epoch: telling.epoch, upto: telling.seq, seqs });
      if (isTaken) told = telling;
    } catch {
      // The next one says it again.
    }
    isSending = false;
    if (heard.length > 0) void send();
  }

  async function tell(said: Pick<FeedAcknowledgement, 'epoch' | 'upto' | 'seqs' | 'leaving'>) {
    const body: FeedAcknowledgement = { instance: name.instance, run, state: state(), ...said };
    const response = await post(JSON.stringify(body), AbortSignal.timeout(timeoutMs));
    await response.body?.cancel();
    return response.ok;
  }
}
