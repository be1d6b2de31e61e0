/** Applications switched off and on again, in force on every node within a second of the act. */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { record as recordEvent } from '#audit/service.ts';
import { raiseConfigurationVersion } from '#database/configuration-version.ts';
import { nextSecond } from '#revocations/entry.ts';
import type { Delivery, Ledger } from '#revocations/service.ts';
import { deleteClientGrants } from '#sessions/access.ts';
import { Client } from './entity.ts';

type Deps = { ledger: Pick<Ledger, 'record' | 'reopen' | 'publish'>; now?: () => Date };
type Act = { clientId: string; actor: string | null };
type Changed<Reason extends string> = { ok: true; delivery: Delivery } | { ok: false; reason: Reason };
export type ClientChanges = ReturnType<typeof createClientChanges>;

export function createClientChanges({ ledger, now = () => new Date() }: Deps) {
  return { disable, enable };

  /**
   * Its tokens are dead whatever their `iat`, also those that a node which has not heard of it yet hands out; its
   * grants and refresh tokens go. Sessions of people, and what they have at other applications, stay.
   */
  async function disable(em: EntityManager, { clientId, actor }: Act): Promise<Changed<'not_found'>> {
    return change<never>(em, clientId, async (tx, client) => {
      const at = now();
      client.disabledAt ??= at;
      const target = { kind: 'client', clientId } as const;
      await ledger.record(tx, { target, cause: 'client_disabled', issuedBefore: null, noneFollow: true, actor });
      recordEvent(tx, { at, actor, action: 'client.disabled', clientId });
      await deleteClientGrants(tx, clientId);
      return undefined;
    });
  }

  /** People sign in anew; old tokens stay dead. Returns when new ones live, within a second of the act. */
  async function enable(em: EntityManager, { clientId, actor }: Act): Promise<Changed<'not_found' | 'not_disabled'>> {
    const at = now();
    const changed = await change(em, clientId, async (tx, client) => {
      if (!client.disabledAt) return 'not_disabled' as const;
      client.disabledAt = null;
      await ledger.reopen(tx, { kind: 'client', clientId }, at);
      await deleteClientGrants(tx, clientId); // what a request in flight may have stored meanwhile
      recordEvent(tx, { at, actor, action: 'client.enabled', clientId });
      return undefined;
    });
    if (changed.ok) await nextSecond(at);
    return changed;
  }

  async function change<Reason extends string>(
    em: EntityManager,
    clientId: string,
    act: (tx: EntityManager, client: Client) => Promise<Reason | undefined>,
  ): Promise<Changed<Reason | 'not_found'>> {
    const refusal = await em.transactional(async (tx) => {
      const client = await tx.findOne(Client, clientId, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
      if (!client) return 'not_found';
      const refused = await act(tx, client);
      if (refused === undefined) await raiseConfigurationVersion(tx);
      return refused;
    });
    return refusal === undefined ? { ok: true, delivery: await ledger.publish() } : { ok: false, reason: refusal };
  }
}
