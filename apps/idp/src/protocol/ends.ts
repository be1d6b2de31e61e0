import { LockMode } from '@mikro-orm/core';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Cause } from '@portcullis/revocation';
import { record } from '#audit/service.ts';
import type { Ledger } from '#revocations/service.ts';
import type { Sessions } from '#sessions/service.ts';
import { OidcGrant } from './entities.ts';
import { lastingSidOf, sidOf } from '#sessions/session-id.ts';

type Deps = {
  orm: Pick<MikroORM, 'em'>;
  ledger: Pick<Ledger, 'record' | 'publish'>;
  sessions: Pick<Sessions, 'end'>;
  now?: () => Date;
};
export type ArtifactEnds = ReturnType<typeof createArtifactEnds>;

/** What ends a session or a grant ends its tokens too: rows and ledger entry in one transaction, then out to the denylist. */
export function createArtifactEnds({ orm, ledger, sessions, now = () => new Date() }: Deps) {
  return { session, grant };

  async function session(uid: string, cause: Cause): Promise<void> {
    await sessions.end(orm.em.fork(), { uid, cause, actor: null });
  }

  /**
   * Refresh tokens go with the row, access tokens by the application's `sid`. Of several callers one does it. Signing out
   * of one application leaves what outlives the session.
   */
  async function grant(id: string, cause: Cause): Promise<void> {
    const ended = await orm.em.fork().transactional(async (em) => {
      const row = await em.findOne(OidcGrant, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!row) return false;
      const { accountId, clientId, sessionUid, outlivesSession } = row;
      record(em, { at: now(), actor: null, action: `grant.ended.${cause}`, accountId, clientId });
      const stays = outlivesSession && cause === 'sign_out';
      const sids = [
        ...(sessionUid ? [sidOf(sessionUid, id)] : []),
        ...(outlivesSession && !stays ? [lastingSidOf(id)] : []),
      ];
      for (const sid of sids)
        await ledger.record(em, {
          target: { kind: 'session', sid },
          cause,
          issuedBefore: null,
          actor: null,
          accountId,
        });
      if (stays) row.sessionUid = null;
      else em.remove(row);
      return true;
    });
    if (ended) await ledger.publish();
  }
}
