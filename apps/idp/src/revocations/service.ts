/**
 * The ledger: every act that cuts somebody off goes through here, in the transaction of the act.
 * PostgreSQL acknowledges; Redis follows. It knows neither bans nor sessions nor the protocol.
 */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Target } from '@portcullis/revocation';
import { record as recordEvent } from '#audit/service.ts';
import type { Channels } from './channels.ts';
import { LedgerEntry } from './entity.ts';
import { expiryAfter, newRow, type NewRevocation } from './entry.ts';
import { createPublication, type Deps as PublicationDeps } from './publication.ts';

type Deps = PublicationDeps & {
  orm: Pick<MikroORM, 'em'>;
  channels: Channels;
  now?: () => Date;
  /** How long an answer waits for Redis before it says `pending` (F-03); the publication itself goes on. */
  answerWithinMs?: number;
};

/** pending: recorded in PostgreSQL, not yet in Redis; the reconciler of any node repeats it. */
export type Delivery = 'published' | 'pending';

export type DenylistStatus = {
  state: 'unknown' | 'in_step' | 'behind';
  epoch: string | null;
  seq: number;
  waiting: number;
};
export type Ledger = ReturnType<typeof createLedger>;

/** Give the publisher a Redis client that fails instead of queueing (`enableOfflineQueue: false`, a command timeout of a second or so). */
export function createLedger({
  orm,
  channels,
  publisher,
  pool,
  log,
  now = () => new Date(),
  answerWithinMs = 400,
}: Deps) {
  const publication = createPublication({ publisher, pool, log });
  let status: DenylistStatus = { state: 'unknown', epoch: null, seq: 0, waiting: 0 };
  let complaint = '';
  return { record, lift, reopen, recordNow, publish, reconcile, status: () => status };

  /**
   * Adds the entry to the caller's unit of work, with what has to be sent because of it. Call it before the rows of the
   * sessions and grants go: they say whom to tell. The caller writes the audit event, flushes, and then calls `publish`.
   */
  async function record(em: EntityManager, entry: NewRevocation): Promise<LedgerEntry> {
    const row = em.create(LedgerEntry, newRow(entry, now()));
    await channels.send(em, row);
    return row;
  }

  /**
   * Turns "every token" into "tokens issued up to `issuedBefore`", in the caller's transaction. The old tokens stay
   * dead until they have expired. The lock waits for a publication under way, or its mark would cover our change unseen.
   */
  async function lift(em: EntityManager, ids: string[], issuedBefore: Date): Promise<void> {
    const entries = await em.find(LedgerEntry, { id: ids }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
    for (const entry of entries) {
      entry.issuedBefore = issuedBefore;
      entry.expiresAt = expiryAfter(issuedBefore);
      entry.publishedAt = null;
      if (entry.cause !== 'ban') continue;
      entry.cause = 'unban';
      await channels.send(em, entry);
    }
  }

  /** Lifts what closed the target with `noneFollow`, where it still holds: from the second after `at` on tokens live. */
  async function reopen(em: EntityManager, target: Target, at: Date): Promise<void> {
    const closed = await em.find(LedgerEntry, { target, issuedBefore: null, expiresAt: { $gt: at } });
    const second = Math.floor(at.getTime() / 1000) * 1000;
    await lift(
      em,
      closed.map(({ id }) => id),
      new Date(second),
    );
  }

  /** For acts that are nothing but a revocation: entry and audit event in a transaction of their own, then published. */
  async function recordNow(entry: NewRevocation): Promise<Delivery> {
    await orm.em.fork().transactional(async (em) => {
      const { id, recordedAt } = await record(em, entry);
      const { target } = entry;
      const accountId = 'sub' in target ? target.sub : entry.accountId;
      recordEvent(em, {
        at: recordedAt,
        actor: entry.actor,
        action: `revocation.${entry.cause}`,
        ...(accountId === undefined ? {} : { accountId }),
        ...('clientId' in target ? { clientId: target.clientId } : {}),
        detail: { ...entry.detail, revocation: id, target },
      });
    });
    return publish();
  }

  /** Pushes what is committed. Never throws and never takes long: the act is acknowledged already. */
  function publish(): Promise<Delivery> {
    const done = publication.bringUpToDate().then(
      (): Delivery => 'published',
      (error: unknown): Delivery => {
        complain(error);
        return 'pending';
      },
    );
    const late = new Promise<Delivery>((resolve) => setTimeout(resolve, answerWithinMs, 'pending').unref());
    return Promise.race([done, late]);
  }

  /** One turn of the reconciler: a look, and work only where Redis is not where it should be. Never throws. */
  async function reconcile(): Promise<void> {
    try {
      let found = await publication.compare();
      if (!found.inStep) {
        status = { ...positionOf(found), state: 'behind' };
        await publication.bringUpToDate();
        found = await publication.compare();
      }
      status = { ...positionOf(found), state: 'in_step' };
      if (found.inStep) await publication.confirm(found);
      if (complaint) log.info({ ...status }, 'denylist: in step with the ledger again');
      complaint = '';
    } catch (error) {
      status = { ...status, state: 'behind' };
      complain(error);
    }
  }

  /** Once per change of trouble, not once per second. */
  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === complaint) return;
    complaint = message;
    log.warn({ err: error }, 'denylist: behind the ledger, will be repeated');
  }
}

function positionOf({ epoch, seq, waiting }: Omit<DenylistStatus, 'state'>): Omit<DenylistStatus, 'state'> {
  return { epoch, seq, waiting };
}
