import { causes } from '@portcullis/revocation';
import { z } from 'zod';
import { Delivery } from './admin-bans.ts';

export const WebhookName = z.string().regex(/^[\w.-]{1,64}$/, 'is not the name of a webhook');

export const WebhookCause = z.enum(causes);
export type WebhookCause = z.infer<typeof WebhookCause>;

/** `causes`: what it is told of; null: everything. */
export const Webhook = z
  .object({
    name: z.string(),
    url: z.string(),
    causes: z.array(WebhookCause).nullable(),
    enabled: z.boolean(),
    createdAt: z.iso.datetime(),
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

/** `url` is https, or http on loopback. */
export const NewWebhook = z.strictObject({
  name: WebhookName,
  url: z.url().max(2048),
  causes: z.array(WebhookCause).min(1).optional(),
});
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WebhooksAnswer = z.object({ webhooks: z.array(Webhook) });
export type WebhooksAnswer = z.infer<typeof WebhooksAnswer>;

/** `secret` is what receivers verify signatures with (Standard Webhooks); told this once. */
export const WebhookAnswer = z.object({ webhook: Webhook, secret: z.string() });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

export const DeliveriesAnswer = z.object({ deliveries: z.array(Delivery) });
export type DeliveriesAnswer = z.infer<typeof DeliveriesAnswer>;
