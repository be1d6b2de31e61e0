/** A person's SSO sessions as the person and an operator see them. The rows belong to #protocol, which also makes and renews them. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Cause } from '@portcullis/revocation';
import type { Pool } from 'pg';
import { record as recordEvent } from '#audit/service.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteSession, deleteSessionlessGrants, sessionsOf } from './access.ts';

type Deps = {
  pool: Pick<Pool, 'query'>;
  ledger: Pick<Ledger, 'record' | 'publish'>;
  now?: () => Date;
};

export type SessionSummary = {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  userAgent: string | null;
  address: string | null;
  /** Names of the applications that were entered with it. */
  applications: string[];
};
/** Why, and by whom: an account id, `cli:<name>`, or null for the system. */
type Ending = { cause: Cause; actor: string | null };
export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({ pool, ledger, now = () => new Date() }: Deps) {
  return { list, end, endAll };

  /** Live sessions, the latest used first. */
  async function list(accountId: string): Promise<SessionSummary[]> {
    const { rows } = await pool.query<SessionSummary>(
      `select s.uid as id, s.created_at as "createdAt", s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt",
              s.user_agent as "userAgent", s.address,
              array(select distinct c.name
                    from oidc_grant g join client c on c.id = g.client_id
                    where g.session_uid = s.uid order by 1) as applications
       from sso_session s
       where s.account_id = $1 and s.expires_at > now()
       order by s.last_used_at desc`,
      [accountId],
    );
    return rows;
  }

  /**
   * Ends one session everywhere: its row, grants and refresh tokens, and every token that carries its `sid`.
   * Also when the row is gone already: its tokens may not be.
   */
  async function end(em: EntityManager, { uid, ...ending }: Ending & { uid: string }): Promise<Delivery> {
    await em.transactional((tx) => endOne(tx, uid, ending));
    return ledger.publish();
  }

  /** Ends all of them, or all but one, in one transaction; one ledger entry each, so that what a new sign-in issues meanwhile lives. */
  async function endAll(
    em: EntityManager,
    { accountId, keepUid, ...ending }: Ending & { accountId: string; keepUid?: string },
  ): Promise<{ ended: number; delivery: Delivery }> {
    const ended = await em.transactional(async (tx) => {
      const uids = (await sessionsOf(tx, accountId)).filter((uid) => uid !== keepUid);
      for (const uid of uids) await endOne(tx, uid, ending);
      if (await deleteSessionlessGrants(tx, accountId))
        await ledger.record(tx, { target: { kind: 'account', sub: accountId }, issuedBefore: now(), ...ending });
      return uids.length;
    });
    return { ended, delivery: await ledger.publish() };
  }

  async function endOne(em: EntityManager, uid: string, { cause, actor }: Ending): Promise<void> {
    const entry = await ledger.record(em, { target: { kind: 'session', sid: uid }, cause, issuedBefore: null, actor });
    const accountId = await deleteSession(em, uid);
    recordEvent(em, {
      at: now(),
      actor,
      action: 'session.ended',
      ...(accountId === undefined ? {} : { accountId }),
      detail: { session: uid, cause, revocation: entry.id },
    });
  }
}
