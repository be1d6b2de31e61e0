import Router from '@koa/router';
import type { Context } from 'koa';
import { NewWebhook, type Webhook, WebhookName } from '@portcullis/contracts';
import { AppError, readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import { type AdminWords, wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { refusalOf } from '#pages/problem.ts';
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

type Field = 'name' | 'url' | 'causes';

/** Addresses that are told of every revocation, or of some. */
export function webhooksRoutes({ operator, show, rp, drafts, confirmed }: Deps): Router {
  const router = new Router();

  router.get('/webhooks', async (ctx) => {
    const words = wordsOf(ctx);
    const { webhooks } = await operator(ctx).webhooks();
    const view = { webhooks: webhooks.map((each) => webhookRow(words, each)) };
    show.page(ctx, 'webhooks', words.t('pages.webhooks'), view);
  });

  router.get('/webhooks/new', administratorsOnly, freshSignIn(rp), (ctx) => {
    const draft = drafts.take(ctx);
    form(ctx, draft ?? {}, { resumed: draft !== undefined });
  });

  /** The secret is told this once, so this answer is a page and leads nowhere. */
  router.post('/webhooks/new', administratorsOnly, readForm, rp.csrf.protect, async (ctx) => {
    const words = wordsOf(ctx);
    const { t } = words;
    const fields = ctx.request.body as Fields;
    const causes = (fields['causes'] ?? '').split(/[\s,]+/).filter(Boolean);
    const { name = '', url = '' } = fields;
    const parsed = NewWebhook.safeParse({ name: name.trim(), url: url.trim(), ...(causes.length > 0 && { causes }) });
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(({ path }) => String(path[0]) as Field);
      return form(ctx, fields, {
        wrong: Object.fromEntries(wrong.map((field) => [field, t(`webhooks.wrong_${field}`)])),
      });
    }
    const outcome = await operator(ctx).addWebhook(parsed.data);
    if (!outcome.ok) {
      const { field, message: why } = outcome;
      if (field !== null) return form(ctx, fields, { wrong: { [field]: t('webhooks.not_accepted', { why }) } });
      return form(ctx, fields, { refusal: refusalOf(outcome, ctx) });
    }
    const { webhook, secret } = outcome.data;
    return show.page(ctx, 'webhookMade', t('webhooks.added'), { webhook: webhookRow(words, webhook), secret });
  });

  router.get('/webhooks/:name', async (ctx) => {
    const words = wordsOf(ctx);
    const webhook = webhookRow(words, await webhookOf(ctx));
    const { deliveries } = await operator(ctx).deliveriesTo(webhook.name);
    show.page(ctx, 'webhook', words.t('webhooks.page_title', { name: webhook.name }), {
      webhook,
      deliveries: deliveries.map((delivery) => deliveryView(words, delivery)),
      removeHref: `${webhook.href}/remove`,
    });
  });

  confirmed(router, '/webhooks/:name/remove', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { name, url } = await webhookOf(ctx);
      return {
        title: t('webhooks.remove_title', { name }),
        crumbs: [{ label: t('pages.webhooks'), href: '/webhooks' }],
        sentences: [t('webhooks.remove_text')],
        facts: [{ label: t('pages.address'), value: url }],
        typed: null,
        button: t('webhooks.remove_button'),
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
    const field = (name: Field) => ({
      value: fields[name] ?? '',
      error: wrong?.[name] ?? null,
    });
    show.page(ctx, 'webhookForm', wordsOf(ctx).t('webhooks.add'), {
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
    if (!webhook) throw new AppError('missing', 'webhook_missing', problemMessages.en.webhook_missing);
    return webhook;
  }
}

function webhookRow(words: AdminWords, { name, url, causes, enabled, createdAt }: Webhook): WebhookRow {
  return {
    name,
    href: `/webhooks/${encodeURIComponent(name)}`,
    url,
    causes:
      causes === null ? words.t('webhooks.everything') : causes.map((cause) => cause.replaceAll('_', ' ')).join(', '),
    enabled,
    createdAt: moment(words, createdAt),
  };
}
