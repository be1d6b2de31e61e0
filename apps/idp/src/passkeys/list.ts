import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { record } from '#audit/service.ts';
import type { ChangeOf, FactorChanges } from '#second-factor/changes.ts';
import { Passkey } from './entity.ts';
import { maxNameLength } from './names.ts';

type Deps = { factorChanges: Pick<FactorChanges, 'remove'>; now: () => Date };
type Act = ChangeOf & { passkeyId: string };

/** What a person may know of a passkey. */
export type ListedPasskey = Pick<Passkey, 'id' | 'name' | 'synced' | 'standsAlone' | 'createdAt' | 'lastUsedAt'>;

export function createPasskeyList({ factorChanges, now }: Deps) {
  return { list, rename, remove };

  /** Newest first. */
  async function list(em: EntityManager, accountId: string): Promise<ListedPasskey[]> {
    const own = await em.find(Passkey, { account: accountId }, { orderBy: { createdAt: 'desc', id: 'desc' } });
    return own.map(({ id, name, synced, standsAlone, createdAt, lastUsedAt }) => ({
      id,
      name,
      synced,
      standsAlone,
      createdAt,
      lastUsedAt,
    }));
  }

  async function rename(
    em: EntityManager,
    { accountId, passkeyId, actor, name }: Omit<Act, 'keepSessionUid'> & { name: string },
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

  /**
   * `last_way_in`: the account has no password, and no other passkey that could be used alone. Of two removals at once the
   * second sees what the first left. As every change of factors: the other sessions end, and the owner is told.
   */
  async function remove(em: EntityManager, { passkeyId, ...act }: Act) {
    const { accountId } = act;
    const passkey = await em.findOne(Passkey, { id: passkeyId, account: accountId });
    if (!passkey) return { ok: false, reason: 'not_found' } as const;
    const change = { ...act, change: 'passkey_removed', detail: { passkey: passkeyId, name: passkey.name } } as const;
    return factorChanges.remove<'not_found' | 'last_way_in'>(em, change, async (tx) => {
      const withPassword = await tx.count(Account, { id: accountId, passwordHash: { $ne: null } });
      const others = await tx.count(Passkey, { account: accountId, standsAlone: true, id: { $ne: passkeyId } });
      if (withPassword + others === 0) return 'last_way_in';
      const removed = await tx.nativeDelete(Passkey, { id: passkeyId, account: accountId });
      return removed === 1 ? undefined : 'not_found';
    });
  }
}
