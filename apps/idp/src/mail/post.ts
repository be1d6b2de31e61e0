/** Letters to people. Who does an act asks for one in the act's transaction; what it says is decided when it is sent. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Locale } from '@portcullis/ui';
import type { JobQueue } from '#revocations/outbox.ts';

export type LetterKind =
  | 'registration'
  | 'already_registered'
  | 'password_reset'
  | 'password_changed'
  | 'email_change'
  | 'email_changed'
  | 'email_code'
  | 'factor_changed'
  | 'new_sign_in'
  | 'deletion_scheduled'
  | 'deletion_cancelled';

/** Stands in the job: operators and backups see it, so no token, code or link is in it. */
export type Letter = {
  kind: LetterKind;
  accountId?: string;
  /** Where there is no account, or the letter goes to an address that is not the account's. */
  email?: string;
  /** The language of the page that it was asked for on. */
  locale?: Locale;
  data?: Record<string, string | number | boolean | null>;
};

/** A letter's own words, in one language; the frame around them is the template's. */
export type Composed = {
  to: string;
  locale: Locale;
  subject: string;
  heading: string;
  paragraphs: string[];
  /** What exactly it is about, as a small table. */
  facts?: { label: string; value: string }[];
  /** The one thing to do; `url` is made of the configured issuer. */
  action?: { label: string; url: string };
  /** To be typed; shown large. */
  code?: string;
  /** Below, smaller: what to do if this was not expected, how long it is valid. */
  closing?: string[];
};

/**
 * Looks up what the letter needs and issues the token it carries, in a transaction that is committed before anything is
 * sent. Undefined: there is nothing to say any more. May run more than once for one letter.
 */
export type Composer = (em: EntityManager, letter: Letter) => Promise<Composed | undefined>;
export type Composers = Partial<Record<LetterKind, Composer>>;
export type Post = ReturnType<typeof createPost>;

export function createPost({ queue }: { queue: Pick<JobQueue<Letter>, 'enqueue'> }) {
  return {
    /** In the caller's transaction (`em.transactional`), without which it throws. The letter is sent at least once after the commit. */
    send: (em: EntityManager, letter: Letter): Promise<void> => queue.enqueue(em, [{ data: letter }]),
  };
}
