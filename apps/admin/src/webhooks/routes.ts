import Router from '@koa/router';
import type { Context } from 'koa';
import { NewWebhook, type Webhook, WebhookName } from '@portcullis/contracts';
import { AppError, readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import { type DeliveryView, deliveryView } from '#bans/receipts.ts';
import { type Confirmed, leadsTo } from '#pages/confirm.ts';
import type { Drafts } from '#pages/drafts.ts';
import { type Moment, moment } from '#pages/moment.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, freshSignIn, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';

type WebhookRow = { name: string; href: string; url: string; causes: string; enabled: boolean; createdAt: Moment };
export type WebhooksView = { webhooks: WebhookRow[] };
export type WebhookView = { webhook: WebhookRow; deliveries: DeliveryView[]; removeHref: string };
export type WebhookMadeView = { webhook: WebhookRow; secret: string };
export type WebhookFormView = {
  name: FieldState;
  url: FieldState;
  causes: FieldState;
  refusal: string | null;
  resumed: boolean;
};

type Fields = Record<string, string>;
type Deps = {
  operator: OperatorOf;
  show: Show;
  rp: Pick<RelyingParty, 'csrf' | 'stepUp'>;
  drafts: Drafts;
  confirmed: Confirmed;
};

const WRONG = {
  name: 'Letters, digits, dots, - and _, at most 64.',
  url: 'A whole address: https://…',
  causes: 'Names separated by spaces.',
};

/** Addresses that are told of every revocation, or of some. */
export function webhooksRoutes({ operator, show, rp, drafts, confirmed }: Deps): Router {
  const router = new Router();

  router.get('/webhooks', async (ctx) => {
    const { webhooks } = await operator(ctx).webhooks();
    show.page(ctx, 'webhooks', 'Webhooks', { webhooks: webhooks.map(webhookRow) });
  });

  router.get('/webhooks/new', administratorsOnly, freshSignIn(rp), (ctx) => {
    const draft = drafts.take(ctx);
    form(ctx, draft ?? {}, { resumed: draft !== undefined });
  });

  /** The secret is told this once, so this answer is a page and leads nowhere. */
  router.post('/webhooks/new', administratorsOnly, readForm, rp.csrf.protect, async (ctx) => {
    const fields = ctx.request.body as Fields;
    const causes = (fields['causes'] ?? '').split(/[\s,]+/).filter(Boolean);
    const { name = '', url = '' } = fields;
    const parsed = NewWebhook.safeParse({ name: name.trim(), url: url.trim(), ...(causes.length > 0 && { causes }) });
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(({ path }) => String(path[0]) as keyof typeof WRONG);
      return form(ctx, fields, { wrong: Object.fromEntries(wrong.map((field) => [field, WRONG[field]])) });
    }
    const outcome = await operator(ctx).addWebhook(parsed.data);
    if (!outcome.ok) {
      const { field, message } = outcome;
      return form(ctx, fields, field === null ? { refusal: message } : { wrong: { [field]: `It ${message}.` } });
    }
    const { webhook, secret } = outcome.data;
    return show.page(ctx, 'webhookMade', 'Webhook added', { webhook: webhookRow(webhook), secret });
  });

  router.get('/webhooks/:name', async (ctx) => {
    const webhook = webhookRow(await webhookOf(ctx));
    const { deliveries } = await operator(ctx).deliveriesTo(webhook.name);
    show.page(ctx, 'webhook', `Webhook ${webhook.name}`, {
      webhook,
      deliveries: deliveries.map(deliveryView),
      removeHref: `${webhook.href}/remove`,
    });
  });

  confirmed(router, '/webhooks/:name/remove', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { name, url } = await webhookOf(ctx);
      return {
        title: `Remove the webhook ${name}?`,
        crumbs: [{ label: 'Webhooks', href: '/webhooks' }],
        sentences: ['It is told of nothing any more; what is under way to it is given up.'],
        facts: [{ label: 'Address', value: url }],
        typed: null,
        button: 'Remove the webhook',
        danger: true,
        cancelHref: `/webhooks/${name}`,
      };
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).removeWebhook((await webhookOf(ctx)).name), () =>
        doneHref('/webhooks', 'webhook-removed', 'published'),
      ),
  });

  return router;

  function form(
    ctx: Context,
    fields: Fields,
    { wrong, refusal, resumed }: { wrong?: Record<string, string>; refusal?: string; resumed?: boolean },
  ): void {
    if (wrong) ctx.status = 422;
    if (refusal !== undefined) ctx.status = 409;
    const field = (name: keyof typeof WRONG) => ({
      value: fields[name] ?? '',
      error: wrong?.[name] ?? null,
    });
    show.page(ctx, 'webhookForm', 'Add a webhook', {
      name: field('name'),
      url: field('url'),
      causes: field('causes'),
      refusal: refusal ?? null,
      resumed: resumed ?? false,
    });
  }

  async function webhookOf(ctx: Context): Promise<Webhook> {
    const name = WebhookName.safeParse(ctx['params'].name).data;
    const webhook = (await operator(ctx).webhooks()).webhooks.find((each) => each.name === name);
    if (!webhook) throw new AppError('missing', 'not_found', 'There is no such webhook.');
    return webhook;
  }
}

function webhookRow({ name, url, causes, enabled, createdAt }: Webhook): WebhookRow {
  return {
    name,
    href: `/webhooks/${encodeURIComponent(name)}`,
    url,
    causes: causes === null ? 'everything' : causes.map((cause) => cause.replaceAll('_', ' ')).join(', '),
    enabled,
    createdAt: moment(createdAt),
  };
}
