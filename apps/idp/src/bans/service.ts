/** Bans: who is shut out, from where, until when. Knows the ledger; knows nothing of pages, mail or the protocol library. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Target } from '@portcullis/revocation';
import { record as recordEvent } from '#audit/service.ts';
import type { Reader } from '#database/reader.ts';
import { wholeSecond } from '#revocations/entry.ts';
import type { LedgerEntry } from '#revocations/entity.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteAccess } from '#sessions/access.ts';
import { Ban } from './entity.ts';
import { refusalOf, type ProtectedReason } from './protection.ts';

type Deps = {
  ledger: Pick<Ledger, 'record' | 'lift' | 'publish'>;
  reader: Reader;
  now?: () => Date;
  log?: { error(details: object, message: string): void };
};

export type NewBan = {
  accountId: string;
  /** Internal. */
  reason: string;
  /** Shown to the person. */
  message?: string;
  /** Lifts by itself then. */
  until?: Date;
  /** Only from these applications; unset: everywhere. */
  clientIds?: string[];
  actor: string | null;
};

export type BanRefusal = 'until_is_past' | ProtectedReason;
export type BanResult = { ok: true; ban: Ban; delivery: Delivery } | { ok: false; reason: BanRefusal };
export type NewBans = Omit<NewBan, 'accountId'> & { accountIds: string[] };
/** failed: nothing of this one was written, for a reason that is in the log. */
export type BulkResult = { accountId: string } & (
  | { ok: true; banId: string }
  | { ok: false; reason: BanRefusal | 'failed' }
);
export type LiftResult = { ok: true; bans: Ban[]; delivery: Delivery } | { ok: false; reason: 'not_banned' };
export type Bans = ReturnType<typeof createBans>;
export type ActiveBan = { message: string | null; until: Date | null };

/** Enough to keep PostgreSQL busy with commits, few enough to leave connections to everybody else. */
const bulkWriters = 4;

/**
 * What a ban says in the ledger, and why each is right:
 *
 * - **Until lifted**: `issuedBefore: null`, no end. Every token is dead whatever its `iat`, so one that a request
 *   already in flight mints after the ban is dead too.
 * - **With `until`** (rounded up to a whole second): `issuedBefore: until − 1 s`, which lies in the future. Every token
 *   the account can get before `until` is dead, those in flight included; sign-in works again from `until` on, and
 *   what it then issues has `iat ≥ until`: alive at once. Nothing has to happen at `until`. The entry ends when the
 *   last token issued before `until` has expired: `until` + token life + skew.
 * - **Lifted at L**: `issuedBefore: ⌊L⌋`, same entry, next number; it ends with token life + skew after L. Sign-in opens
 *   at the next whole second, and `lift` returns only then: what is issued from there on has `iat > ⌊L⌋`. So no old
 *   token comes back and no new one is refused.
 */
export function createBans({ ledger, reader, now = () => new Date(), log }: Deps) {
  return { ban, banMany, lift, active };

  /** Ban, audit event, ledger entries and the end of the person's sessions and grants: one transaction, then published. */
  async function ban(em: EntityManager, input: NewBan): Promise<BanResult> {
    const written = await write(em, input);
    if (!(written instanceof Ban)) return { ok: false, reason: written };
    return { ok: true, ban: written, delivery: await ledger.publish() };
  }

  /** Each account in a transaction of its own, so that none waits for or falls with another; published once, at the end. */
  async function banMany(
    em: EntityManager,
    { accountIds, ...input }: NewBans,
  ): Promise<{ results: BulkResult[]; delivery: Delivery }> {
    const results: BulkResult[] = [];
    const waiting = accountIds.entries();
    const work = async (): Promise<void> => {
      for (const [place, accountId] of waiting)
        results[place] = await write(em.fork(), { ...input, accountId }).then(
          (written) => resultOf(accountId, written),
          (error: unknown) => {
            log?.error({ err: error, accountId }, 'one ban of several could not be written');
            return resultOf(accountId, 'failed');
          },
        );
    };
    await Promise.all(Array.from({ length: bulkWriters }, work));
    return { results, delivery: await ledger.publish() };
  }

  async function write(em: EntityManager, input: NewBan): Promise<Ban | BanRefusal> {
    const at = now();
    const { accountId, reason, actor, clientIds = null } = input;
    const until = input.until ? wholeSecond(input.until) : null;
    if (until && until <= at) return 'until_is_past';

    return em.transactional(async (tx) => {
      const refusal = await refusalOf(tx, { accountId, actor });
      if (refusal) return refusal;
      const issuedBefore = until && new Date(until.getTime() - 1000);
      const entries: LedgerEntry[] = [];
      for (const target of targetsOf(accountId, clientIds))
        entries.push(await ledger.record(tx, { target, cause: 'ban', issuedBefore, actor }));
      const row = tx.create(Ban, {
        id: randomUUID(),
        accountId,
        clientIds,
        reason,
        message: input.message ?? null,
        bannedAt: at,
        bannedBy: actor,
        until,
        liftedAt: null,
        liftedBy: null,
        revocationIds: entries.map(({ id }) => id),
      });
      recordEvent(tx, {
        at,
        actor,
        action: 'ban.created',
        accountId,
        detail: { ban: row.id, reason, until, clientIds },
      });
      await tx.flush();
      await deleteAccess(tx, accountId, clientIds);
      return row;
    });
  }

  /** Lifts every ban in force. Returns when the person can sign in again, within a second of the act. */
  async function lift(em: EntityManager, input: { accountId: string; actor: string | null }): Promise<LiftResult> {
    const { accountId, actor } = input;
    const at = now();
    const second = Math.floor(at.getTime() / 1000) * 1000;
    const opensAt = new Date(second + 1000);

    const lifted = await em.transactional(async (tx) => {
      const inForce = await tx.find(
        Ban,
        { accountId, liftedAt: null, $or: [{ until: null }, { until: { $gt: at } }] },
        { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
      );
      for (const row of inForce) {
        row.liftedAt = opensAt;
        row.liftedBy = actor;
        await ledger.lift(tx, row.revocationIds, new Date(second));
        recordEvent(tx, { at, actor, action: 'ban.lifted', accountId, detail: { ban: row.id } });
        // What a request in flight may have stored after the ban had cleared.
        await deleteAccess(tx, accountId, row.clientIds);
      }
      return inForce;
    });
    if (!lifted.length) return { ok: false, reason: 'not_banned' };
    const delivery = await ledger.publish();
    await delay(Math.max(0, opensAt.getTime() - now().getTime()) + 5); // timers may fire a little before the clock turns
    return { ok: true, bans: lifted, delivery };
  }

  /** The ban that refuses this account a sign-in (or a named client); of several the one that lasts longest. */
  async function active(accountId: string, clientId?: string): Promise<ActiveBan | undefined> {
    const { rows } = await reader.query<ActiveBan>({
      name: 'active-ban',
      text: `
        select message, until from ban
        where account_id = $1 and (client_ids is null or $2 = any (client_ids))
          and (lifted_at is null or lifted_at > $3) and (until is null or until > $3)
        order by until desc nulls first limit 1`,
      values: [accountId, clientId ?? null, now()],
    });
    return rows[0];
  }
}

function resultOf(accountId: string, written: Ban | BanRefusal | 'failed'): BulkResult {
  return written instanceof Ban
    ? { accountId, ok: true, banId: written.id }
    : { accountId, ok: false, reason: written };
}

function targetsOf(accountId: string, clientIds: string[] | null): Target[] {
  if (!clientIds) return [{ kind: 'account', sub: accountId }];
  return clientIds.map((clientId) => ({ kind: 'account-at-client', sub: accountId, clientId }));
}
