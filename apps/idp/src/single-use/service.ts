/**
 * Everything that is sent to a person and proves something when it comes back: links and codes. Each works once, for one
 * purpose, for one account, and is kept as a hash only. Issue and consume in the transaction of the act: of two that
 * consume at once one gets it, and an act that fails leaves the token as it was.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';

export type Purpose =
  | 'registration'
  | 'password_reset'
  | 'email_change'
  | 'email_change_undo'
  | 'email_code'
  | 'not_me'
  | 'deletion_cancel';

type Issue = {
  purpose: Purpose;
  accountId?: string;
  /** Normalised. */
  email?: string;
  data?: Record<string, unknown>;
  lifeSeconds: number;
  /** Earlier ones of this purpose for this account or address stop working. */
  replacesEarlier?: boolean;
};
/** A code is short: it only counts together with the secret of the flow it was made for. */
type Bound = { binding: string };
type Presented = { purpose: Purpose; token: string; binding?: string };

/** What a token was issued for. `accountId` and `email` are null where they were not named. */
export type Issued = { accountId: string | null; email: string | null; data: Record<string, unknown> };

const codeDigits = 8;

/** A new token of 256 bits, for a link. Its life is counted by PostgreSQL's clock. */
export async function issueToken(em: EntityManager, issue: Issue): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await store(em, issue, hashOf({ purpose: issue.purpose, token }));
  return token;
}

/** A new code of eight digits, to be typed. Whoever accepts codes counts the attempts. */
export async function issueCode(em: EntityManager, issue: Issue & Bound): Promise<string> {
  const code = String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0');
  await store(em, issue, hashOf({ purpose: issue.purpose, binding: issue.binding, token: code }));
  return code;
}

/** What the token would do, without using it up: for the page a link opens. Programs that follow links in mails only get here. */
export async function peek(em: EntityManager, presented: Presented): Promise<Issued | undefined> {
  return first(
    await em.execute<Row[]>(
      'select account_id, email, data from single_use_token where hash = ? and purpose = ? and expires_at > now()',
      [hashOf(presented), presented.purpose],
    ),
  );
}

/** Uses it up. Undefined: never issued, for something else, expired, or used. */
export async function consume(em: EntityManager, presented: Presented): Promise<Issued | undefined> {
  return first(
    await em.execute<Row[]>(
      'delete from single_use_token where hash = ? and purpose = ? and expires_at > now() returning account_id, email, data',
      [hashOf(presented), presented.purpose],
    ),
  );
}

/** None of the account's tokens of these purposes works any more. */
export async function withdraw(em: EntityManager, accountId: string, purposes: Purpose[]): Promise<void> {
  for (const purpose of purposes)
    await em.execute('delete from single_use_token where account_id = ? and purpose = ?', [accountId, purpose]);
}

/** Nor any of these whose `data.since` is that moment or a later one. */
export async function withdrawSince(
  em: EntityManager,
  accountId: string,
  since: Date,
  purposes: Extract<Purpose, 'email_change_undo' | 'not_me'>[],
): Promise<void> {
  await em.execute(`delete from single_use_token where account_id = ? and purpose in (?) and data ->> 'since' >= ?`, [
    accountId,
    purposes,
    since.toISOString(),
  ]);
}

type Row = { account_id: string | null; email: string | null; data: Record<string, unknown> };

function first(rows: Row[]): Issued | undefined {
  const row = rows[0];
  return row && { accountId: row.account_id, email: row.email, data: row.data };
}

async function store(em: EntityManager, issue: Issue, hash: string): Promise<void> {
  const { purpose, accountId = null, email = null, data = {}, lifeSeconds, replacesEarlier = false } = issue;
  if (replacesEarlier)
    await em.execute(
      'delete from single_use_token where purpose = ? and account_id is not distinct from ? and email is not distinct from ?',
      [purpose, accountId, email],
    );
  await em.execute(
    `insert into single_use_token (hash, purpose, account_id, email, data, expires_at)
     values (?, ?, ?, ?, ?, now() + make_interval(secs => ?))`,
    [hash, purpose, accountId, email, JSON.stringify(data), lifeSeconds],
  );
}

function hashOf({ purpose, token, binding = '' }: Presented): string {
  return createHash('sha256').update([purpose, binding, token].join('\0')).digest('base64url');
}
