/** What an operator cuts off by naming it, when no other act fits. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Target } from '@portcullis/revocation';
import { record as recordEvent } from '#audit/service.ts';
import { deleteAccess, deleteClientGrants, deleteSessionAccess } from '#sessions/access.ts';
import type { Delivery, Ledger } from './service.ts';

type Deps = { ledger: Pick<Ledger, 'record' | 'publish'>; now?: () => Date };
/** `everyone` is in everyone.ts: it takes batches. */
export type Revocable = Exclude<Target, { kind: 'everyone' }>;
type Input = {
  target: Revocable;
  reason: string;
  actor: string | null;
  /** Whose history shows it, when the target does not say. */
  accountId?: string;
};

export function createRevoking({ ledger, now = () => new Date() }: Deps) {
  return { revoke };

  /** Tokens issued up to now are dead, and what would bring new ones without a sign-in goes: sessions, grants, refresh tokens. */
  async function revoke(em: EntityManager, { target, reason, actor, accountId }: Input): Promise<Delivery> {
    await em.transactional(async (tx) => {
      const at = now();
      const single = target.kind === 'token' || target.kind === 'session';
      const cause = target.kind === 'token' || target.kind === 'client' ? 'token_revoked' : 'session_ended';
      const whose = 'sub' in target ? target.sub : accountId;
      const entry = await ledger.record(tx, {
        target,
        cause,
        issuedBefore: single ? null : at,
        actor,
        ...(whose === undefined ? {} : { accountId: whose }),
      });
      recordEvent(tx, {
        at,
        actor,
        action: `revocation.${cause}`,
        ...(whose === undefined ? {} : { accountId: whose }),
        ...('clientId' in target ? { clientId: target.clientId } : {}),
        detail: { reason, target, revocation: entry.id },
      });
      await deleteRows(tx, target);
    });
    return ledger.publish();
  }
}

async function deleteRows(em: EntityManager, target: Revocable): Promise<void> {
  switch (target.kind) {
    case 'token':
      return;
    case 'session':
      return deleteSessionAccess(em, target.sid);
    case 'account':
      return deleteAccess(em, target.sub, null);
    case 'account-at-client':
      return deleteAccess(em, target.sub, [target.clientId]);
    case 'client':
      return deleteClientGrants(em, target.clientId);
  }
}
