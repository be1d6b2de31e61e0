/** Every act that changes what an account can prove itself with: so that none of them forgets what belongs to it. */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { factorCount, forgetTrustedDevices } from '#accounts/changes-factors.ts';
import { disablePassword } from '#accounts/changes-password.ts';
import { Account } from '#accounts/entity.ts';
import { record as recordEvent } from '#audit/service.ts';
import type { Post } from '#mail/post.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { endOtherSessions } from '#sessions/others.ts';

const actions = {
  totp_added: 'factor.added',
  totp_removed: 'factor.removed',
  recovery_codes_made: 'recovery_codes.made',
  passkey_added: 'passkey.added',
  passkey_removed: 'passkey.removed',
  factors_reset: 'factors.reset',
} as const;
export type FactorChange = keyof typeof actions;

export type ChangeOf = {
  accountId: string;
  /** An account id, `cli:<name>`, or null for the system. */
  actor: string | null;
  /** The session in which the person does it: the one that goes on. */
  keepSessionUid?: string | undefined;
};

/** Recovery codes stand in for a factor: with the last factor they go. */
const withdrawStandIns = `
  delete from recovery_code
  where account_id = ?
    and not exists (select from totp_authenticator where account_id = ?)
    and not exists (select from passkey where account_id = ?)`;

const deleteAll = `
  with authenticators as (delete from totp_authenticator where account_id = ? returning 1),
       passkeys as (delete from passkey where account_id = ? returning 1),
       codes as (delete from recovery_code where account_id = ? returning 1)
  select ((select count(*) from authenticators) + (select count(*) from passkeys) + (select count(*) from codes))::int as gone`;

type Deps = { ledger: Pick<Ledger, 'record' | 'publish'>; post: Pick<Post, 'send'>; now: () => Date };
export type FactorChanges = ReturnType<typeof createFactorChanges>;

export function createFactorChanges({ ledger, post, now }: Deps) {
  return { apply, remove, reset };

  /**
   * Runs `act` in a transaction that holds the account. With it, or not at all: every other session of the account ends
   * trusted devices are forgotten, the event is recorded and the owner is told. `act` answers undefined, or why
   * it refuses; it refuses before it changes anything.
   */
  async function apply<Reason extends string = never>(
    em: EntityManager,
    { accountId, actor, keepSessionUid, change, detail }: ChangeOf & { change: FactorChange; detail?: object },
    act: (tx: EntityManager, at: Date, account: Account) => Promise<Reason | undefined>,
  ): Promise<{ ok: true; delivery: Delivery } | { ok: false; reason: Reason | 'not_found' }> {
    const refusal = await em.transactional(async (tx) => {
      const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
      const account = await tx.findOne(Account, { id: accountId }, held);
      if (!account) return 'not_found' as const;
      const at = now();
      const refused = await act(tx, at, account);
      if (refused !== undefined) return refused;
      const sessionsEnded = await endOtherSessions(tx, ledger, {
        accountId,
        actor,
        cause: 'factor_changed',
        at,
        keepSessionUid,
      });
      await forgetTrustedDevices(tx, accountId);
      recordEvent(tx, { at, actor, action: actions[change], accountId, detail: { ...detail, sessionsEnded } });
      await post.send(tx, { kind: 'factor_changed', accountId, data: { change } });
      return undefined;
    });
    return refusal === undefined ? { ok: true, delivery: await ledger.publish() } : { ok: false, reason: refusal };
  }

  /** One factor goes. `password_alone`: it is the last, and the password was accepted because of it. */
  async function remove<Reason extends string>(
    em: EntityManager,
    about: ChangeOf & { change: 'totp_removed' | 'passkey_removed'; detail: object },
    act: (tx: EntityManager) => Promise<Reason | undefined>,
  ) {
    return apply<Reason | 'password_alone'>(em, about, async (tx, _at, { id, passwordStandsAlone }) => {
      if (!passwordStandsAlone && (await factorCount(tx, id)) <= 1) return 'password_alone';
      const refused = await act(tx);
      if (refused === undefined) await tx.execute(withdrawStandIns, [id, id, id]);
      return refused;
    });
  }

  /**
   * For somebody who has lost all of them: authenticator, passkeys and recovery codes go. The password stays, unless it
   * was accepted because of them: then a letter brings the link to choose another.
   */
  async function reset(em: EntityManager, change: ChangeOf) {
    return apply<'no_factors'>(em, { ...change, change: 'factors_reset' }, async (tx, at, account) => {
      const { accountId, actor } = change;
      const [row] = await tx.execute<{ gone: number }[]>(deleteAll, [accountId, accountId, accountId]);
      if (!row?.gone) return 'no_factors';
      if (!account.passwordStandsAlone) await disablePassword(tx, account, { post, actor, at });
      return undefined;
    });
  }
}
