import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import { Passkey } from './entity.ts';
import { maxNameLength } from './names.ts';

/** Tells what hangs on a second factor that it changed, in the transaction of the act. */
export type FactorChanges = {
  changed(
    tx: EntityManager,
    change: { accountId: string; actor: string; change: 'passkey_added' | 'passkey_removed' },
  ): Promise<void>;
};

type Deps = { factorChanges: FactorChanges; now: () => Date };
type Act = { accountId: string; passkeyId: string; actor: string };

/** What a person may know of a passkey. */
export type ListedPasskey = Pick<Passkey, 'id' | 'name' | 'synced' | 'standsAlone' | 'createdAt' | 'lastUsedAt'>;

export function createPasskeyList({ factorChanges, now }: Deps) {
  return { list, count, rename, remove };

  /** Newest first. */
  async function list(em: EntityManager, accountId: string): Promise<ListedPasskey[]> {
    return em.find(Passkey, { account: accountId }, { orderBy: { createdAt: 'desc', id: 'desc' } });
  }

  async function count(em: EntityManager, accountId: string): Promise<number> {
    return em.count(Passkey, { account: accountId });
  }

  async function rename(
    em: EntityManager,
    { accountId, passkeyId, actor, name }: Act & { name: string },
  ): Promise<{ ok: true } | { ok: false; reason: 'not_found' | 'name_invalid' }> {
    const wanted = name.trim();
    if (wanted === '' || wanted.length > maxNameLength) return { ok: false, reason: 'name_invalid' };
    return em.transactional(async (tx) => {
      const passkey = await tx.findOne(Passkey, { id: passkeyId, account: accountId });
      if (!passkey) return { ok: false, reason: 'not_found' } as const;
      const detail = { passkey: passkeyId, before: passkey.name, after: wanted };
      passkey.name = wanted;
      record(tx, { at: now(), actor, action: 'passkey.renamed', accountId, detail });
      return { ok: true } as const;
    });
  }

  /** `last_way_in`: the account has no password, and no other passkey that could be used alone. Of two removals at once the second sees what the first left. */
  async function remove(
    em: EntityManager,
    { accountId, passkeyId, actor }: Act,
  ): Promise<{ ok: true } | { ok: false; reason: 'not_found' | 'last_way_in' }> {
    return em.transactional(async (tx) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['passwordHash'], refresh: true } as const;
      const account = await tx.findOne(Account, { id: accountId }, lock);
      const passkeys = await tx.find(Passkey, { account: accountId }, { refresh: true });
      const passkey = passkeys.find(({ id }) => id === passkeyId);
      if (!account || !passkey) return { ok: false, reason: 'not_found' } as const;
      const opens = (one: Passkey): boolean => one.id !== passkeyId && one.standsAlone;
      if (account.passwordHash === null && !passkeys.some(opens)) return { ok: false, reason: 'last_way_in' } as const;
      tx.remove(passkey);
      const detail = { passkey: passkeyId, name: passkey.name };
      record(tx, { at: now(), actor, action: 'passkey.removed', accountId, detail });
      await factorChanges.changed(tx, { accountId, actor, change: 'passkey_removed' });
      return { ok: true } as const;
    });
  }
}
