/** "This wasn't me": the owner of an account answers the letter about a new sign-in. */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AccountChanges } from '#accounts/changes.ts';
import { removeFactorsSince } from '#accounts/changes-factors.ts';
import type { Account } from '#accounts/entity.ts';
import { takeBackSince } from '#email-change/taking-back.ts';
import { consume, peek, withdrawSince } from '#single-use/service.ts';

type Deps = { changes: Pick<AccountChanges, 'requireNewPassword'>; now: () => Date };
export type NotMe = ReturnType<typeof createNotMe>;

export function createNotMe({ changes, now }: Deps) {
  return { isValid, lockOut };

  /** Whether the link would still do something. Uses nothing up. */
  async function isValid(em: EntityManager, token: string): Promise<boolean> {
    return (await peek(em, { purpose: 'not_me', token })) !== undefined;
  }

  /**
   * Uses the link up: see `requireNewPassword`, and besides that the browser is no longer known, and what came since that
   * sign-in is gone: places, what was added to prove oneself with, another address, links like this one. Otherwise whoever
   * got in would have left a door of its own behind.
   */
  async function lockOut(em: EntityManager, token: string): Promise<boolean> {
    const presented = { purpose: 'not_me', token } as const;
    const accountId = (await peek(em, presented))?.accountId;
    if (accountId === null || accountId === undefined) return false;
    const changed = await changes.requireNewPassword(em, {
      accountId,
      actor: accountId,
      claim: async (tx, account) => {
        const issued = await consume(tx, presented);
        if (!issued) return false;
        await forget(tx, account, issued.data);
        return true;
      },
    });
    return changed.ok;
  }

  async function forget(
    tx: EntityManager,
    account: Account,
    { device, since }: Record<string, unknown>,
  ): Promise<void> {
    const accountId = account.id;
    const [signedInAt, at] = [new Date(String(since)), now()];
    await tx.execute('delete from known_device where account_id = ? and id::text = ?', [accountId, device]);
    await tx.execute('delete from known_place where account_id = ? and first_seen_at >= ?', [accountId, signedInAt]);
    await removeFactorsSince(tx, { accountId, since: signedInAt, at, cause: 'not_me' });
    await withdrawSince(tx, accountId, signedInAt, ['not_me']);
    await takeBackSince(tx, account, signedInAt, at);
  }
}
