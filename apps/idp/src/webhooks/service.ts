/** Addresses of operators that are told of revocations. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Cause } from '@portcullis/revocation';
import { record } from '#audit/service.ts';
import { enqueueDeliveries } from '#revocations/deliveries-enqueue.ts';
import type { Turns } from '#revocations/outbox.ts';
import type { Sealer } from '#signing-keys/sealed.ts';
import { Webhook } from './entity.ts';

type Deps = { sealer: Sealer; outbox: Pick<Turns, 'enqueue'>; now?: () => Date };

export type NewWebhook = {
  name: string;
  /** As `safeUrl` has it. */
  url: string;
  /** Only these; unset: every cause. */
  causes?: Cause[];
  actor: string | null;
};
/** `secret` is told this once: what the receiver verifies signatures with. */
export type AddResult = { ok: true; webhook: Webhook; secret: string } | { ok: false; reason: 'name_taken' };
export type ChangeResult = { ok: true } | { ok: false; reason: 'not_found' };
type Named = { name: string; actor: string | null };

export function createWebhooks({ sealer, outbox, now = () => new Date() }: Deps) {
  return { add, list, remove, setEnabled, ping };

  async function add(em: EntityManager, { name, url, causes, actor }: NewWebhook): Promise<AddResult> {
    if (await em.findOne(Webhook, { name })) return { ok: false, reason: 'name_taken' };
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const at = now();
    const webhook = em.create(Webhook, {
      id: randomUUID(),
      name,
      url,
      secret: await sealer.seal({ secret }),
      causes: causes ?? null,
      enabled: true,
      createdAt: at,
      createdBy: actor,
    });
    record(em, { at, actor, action: 'webhook.added', detail: { name, url, causes } });
    await em.flush();
    return { ok: true, webhook, secret };
  }

  async function list(em: EntityManager): Promise<Webhook[]> {
    return em.find(Webhook, {}, { orderBy: { name: 'asc' } });
  }

  /** What is under way to it is given up at its next try. */
  async function remove(em: EntityManager, { name, actor }: Named): Promise<ChangeResult> {
    const webhook = await em.findOne(Webhook, { name });
    if (!webhook) return { ok: false, reason: 'not_found' };
    em.remove(webhook);
    record(em, { at: now(), actor, action: 'webhook.removed', detail: { name, url: webhook.url } });
    await em.flush();
    return { ok: true };
  }

  async function setEnabled(
    em: EntityManager,
    { name, enabled, actor }: Named & { enabled: boolean },
  ): Promise<ChangeResult> {
    const webhook = await em.findOne(Webhook, { name });
    if (!webhook) return { ok: false, reason: 'not_found' };
    webhook.enabled = enabled;
    record(em, { at: now(), actor, action: enabled ? 'webhook.resumed' : 'webhook.paused', detail: { name } });
    await em.flush();
    return { ok: true };
  }

  /** Sends `webhook.ping` the way everything else goes, whatever its causes; the deliveries tell how it went. */
  async function ping(em: EntityManager, { name }: { name: string }): Promise<ChangeResult> {
    return em.transactional(async (tx): Promise<ChangeResult> => {
      if (!(await tx.findOne(Webhook, { name, enabled: true }))) return { ok: false, reason: 'not_found' };
      const payload = { type: 'webhook.ping', occurredAt: now() };
      const message = { channel: 'webhook', recipient: name, accountId: null, payload } as const;
      await enqueueDeliveries(tx, outbox, [message], { revocationId: null });
      return { ok: true };
    });
  }
}
