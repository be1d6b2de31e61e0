import {
  DeliveriesAnswer,
  NewWebhook,
  WebhookAnswer,
  WebhookName,
  WebhooksAnswer,
  type Webhook,
} from '@portcullis/contracts';
import { z } from 'zod';
import { safeUrl } from '#clients/service.ts';
import type { Deliveries } from '#revocations/deliveries.ts';
import type { createWebhooks } from '#webhooks/service.ts';
import * as example from './examples.ts';
import { route, toAct, toRead, type Route } from './route.ts';

export type WebhookDeps = {
  webhooks: Pick<ReturnType<typeof createWebhooks>, 'add' | 'list' | 'remove'>;
  deliveries: Pick<Deliveries, 'latestTo'>;
};

const Added = NewWebhook.extend({ url: safeUrl });
const params = z.strictObject({ name: WebhookName });
const shownDeliveries = 100;
const webhook: Webhook = {
  name: 'siem',
  url: 'https://siem.example/portcullis',
  causes: null,
  enabled: true,
  createdAt: '2026-11-22T10:00:00.000Z',
  createdBy: example.adminId,
};

export function webhookRoutes({ webhooks, deliveries }: WebhookDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/webhooks',
      need: toRead,
      summary: 'Addresses that are told of revocations, by name',
      answer: WebhooksAnswer,
      example: { webhooks: [webhook] },
      handle: async ({ em }) => ({ webhooks: await webhooks.list(em) }),
    }),
    route({
      method: 'post',
      path: '/webhooks',
      need: toAct,
      summary: 'Have an address told of revocations',
      body: { schema: Added, example: { name: webhook.name, url: webhook.url, causes: ['ban', 'unban'] } },
      status: 201,
      answer: WebhookAnswer,
      example: { webhook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' },
      refusals: ['name_taken'],
      handle: async ({ body: { causes: wanted, ...body }, actor, em, refused }) => {
        const result = await webhooks.add(em, { ...body, actor, ...(wanted && { causes: wanted }) });
        if (!result.ok) throw refused(result.reason);
        return result;
      },
    }),
    route({
      method: 'delete',
      path: '/webhooks/:name',
      need: toAct,
      summary: 'Tell an address no more',
      params,
      answer: z.object({}),
      example: {},
      refusals: ['not_found'],
      handle: async ({ params: { name }, actor, em, refused }) => {
        const result = await webhooks.remove(em, { name, actor });
        if (!result.ok) throw refused(result.reason);
        return {};
      },
    }),
    route({
      method: 'get',
      path: '/webhooks/:name/deliveries',
      need: toRead,
      summary: 'What was sent to an address, the newest first',
      params,
      answer: DeliveriesAnswer,
      example: { deliveries: [] },
      handle: async ({ params: { name } }) => ({
        deliveries: await deliveries.latestTo('webhook', name, shownDeliveries),
      }),
    }),
  ];
}
