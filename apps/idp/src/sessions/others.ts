import type { EntityManager } from '@mikro-orm/postgresql';
import type { Cause } from '@portcullis/revocation';
import type { Ledger } from '#revocations/service.ts';
import { deleteSession, deleteSessionlessGrants, sessionsOf } from './access.ts';

/** `actor`: an account id, `cli:<name>`, or null for the system. */
type Ending = { accountId: string; cause: Cause; actor: string | null; at: Date; keepSessionUid?: string | undefined };

/**
 * Ends everything an account has open but one session, in the transaction of the act that is the cause. Every session
 * gets an entry of its own: so a token that a refresh or a code exchange in flight still mints is dead whatever its
 * `iat`, while the first sign-in afterwards is alive at once. Answers how many ended.
 */
export async function endOtherSessions(
  tx: EntityManager,
  ledger: Pick<Ledger, 'record'>,
  { at, keepSessionUid, ...ending }: Ending,
): Promise<number> {
  const ended = (await sessionsOf(tx, ending.accountId)).filter((uid) => uid !== keepSessionUid);
  for (const sid of ended) {
    await ledger.record(tx, { ...ending, target: { kind: 'session', sid }, issuedBefore: null });
    await deleteSession(tx, sid);
  }
  if (await deleteSessionlessGrants(tx, ending.accountId))
    await ledger.record(tx, { ...ending, target: { kind: 'account', sub: ending.accountId }, issuedBefore: at });
  return ended.length;
}
