/** Everybody signed out at once: for the day on which something that all trusted has leaked. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import { deleteSignInsBefore, type Deleted } from '#sessions/access.ts';
import type { Delivery, Ledger } from './service.ts';

type Deps = { ledger: Pick<Ledger, 'record' | 'publish'>; now?: () => Date };
type Input = {
  /** Not in the future. */
  at: Date;
  reason?: string;
  actor: string | null;
  onProgress?: (deleted: Deleted) => void;
};
export type EveryoneResult = { ok: true; delivery: Delivery; deleted: Deleted } | { ok: false; reason: 'in_future' };
export type Everyone = ReturnType<typeof createEveryone>;

export function createEveryone({ ledger, now = () => new Date() }: Deps) {
  return { before };

  /**
   * Tokens issued before `at` are dead everywhere when the first transaction has been published; then sessions, grants
   * and refresh tokens from before `at` go, in batches that sign-ins can slip between. Interrupted, call it again.
   * Of an older session a token fetched since `at` lives until it expires: where that is too long, say now.
   */
  async function before(
    em: EntityManager,
    { at, reason, actor, onProgress = () => {} }: Input,
  ): Promise<EveryoneResult> {
    if (at > now()) return { ok: false, reason: 'in_future' };
    await em.transactional(async (tx) => {
      await ledger.record(tx, { target: { kind: 'everyone' }, cause: 'everyone_before', issuedBefore: at, actor });
      recordEvent(tx, { at: now(), actor, action: 'everyone.signed_out', detail: { before: at, reason } });
    });
    const delivery = await ledger.publish();
    return { ok: true, delivery, deleted: await deleteSignInsBefore(em, at, onProgress) };
  }
}
