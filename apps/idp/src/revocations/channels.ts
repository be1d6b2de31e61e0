/** Everything beside the denylist that has to hear of an entry: written down with the act, sent by the nodes afterwards. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { webhookMessages } from '#webhooks/messages.ts';
import { logoutMessages } from './backchannel-logout.ts';
import { enqueueDeliveries } from './deliveries-enqueue.ts';
import type { LedgerEntry } from './entity.ts';
import { matrix } from './matrix.ts';
import type { Turns } from './outbox.ts';

export type Channels = {
  /** Call in the transaction of the act, while the rows of its sessions and grants are still there: they say whom to tell. */
  send(em: EntityManager, entry: LedgerEntry): Promise<void>;
};

export function createChannels({ outbox }: { outbox: Pick<Turns, 'enqueue'> }): Channels {
  return { send };

  async function send(em: EntityManager, entry: LedgerEntry): Promise<void> {
    const { backchannelLogout, webhook } = matrix[entry.cause];
    const messages = [
      ...(backchannelLogout === 'sent' ? await logoutMessages(em, entry.target) : []),
      ...(webhook === 'sent' ? await webhookMessages(em, entry) : []),
    ];
    await enqueueDeliveries(em, outbox, messages, { revocationId: entry.id });
  }
}
