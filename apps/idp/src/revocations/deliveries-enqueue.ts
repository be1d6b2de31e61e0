import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Delivery, type DeliveryChannel } from './deliveries-entity.ts';
import type { Turns } from './outbox.ts';

export type Message = {
  channel: DeliveryChannel;
  recipient: string;
  accountId: string | null;
  payload: Record<string, unknown>;
};

/** Each message once, in the caller's transaction; a recipient that hangs holds up nobody but itself. */
export async function enqueueDeliveries(
  em: EntityManager,
  outbox: Pick<Turns, 'enqueue'>,
  messages: Message[],
  { revocationId }: { revocationId: string | null },
): Promise<void> {
  if (!messages.length) return;
  const jobs = messages.map(({ channel, recipient, accountId, payload }) => {
    const id = randomUUID();
    em.create(Delivery, {
      id,
      channel,
      recipient,
      revocationId,
      accountId,
      payload,
      lastStatus: null,
      lastError: null,
      createdAt: new Date(),
      lastAttemptAt: null,
      deliveredAt: null,
      givenUpAt: null,
    });
    return { id, group: `${channel} ${recipient}` };
  });
  await outbox.enqueue(em, jobs);
}
