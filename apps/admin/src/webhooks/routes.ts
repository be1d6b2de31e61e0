import Router from '@koa/router';
import type { Context } from 'koa';
import { NewWebhook, type Webhook, WebhookCause, WebhookName } from '@portcullis/contracts';
import { AppError, readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { CheckboxState, FieldState, SelectState } from '@portcullis/ui';
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
  told: SelectState;
  causes: (CheckboxState & { name: string; label: string })[];
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
    const { name = '', url = '', told } = fields;
    const causes = told === 'named' ? { causes: WebhookCause.options.filter((each) => tickOf(each) in fields) } : {};
    const parsed = NewWebhook.safeParse({ name: name.trim(), url: url.trim(), ...causes });
    if (!parsed.success) {
      return form(ctx, fields, { wrong: parsed.error.issues.map(({ path }) => String(path[0])) });
    }
    const outcome = await operator(ctx).addWebhook(parsed.data);
    if (!outcome.ok) {
      if (outcome.field !== null) return form(ctx, fields, { wrong: [outcome.field] });
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
    { wrong, refusal, resumed }: { wrong?: string[]; refusal?: string; resumed?: boolean },
  ): void {
    if (wrong) ctx.status = 422;
    if (refusal !== undefined) ctx.status = 409;
    const { t } = wordsOf(ctx);
    const problem = (field: Field) => (wrong?.includes(field) ? t(`webhooks.wrong_${field}`) : null);
    const isNamed = fields['told'] === 'named';
    show.page(ctx, 'webhookForm', t('webhooks.add'), {
      name: { value: fields['name'] ?? '', error: problem('name') },
      url: { value: fields['url'] ?? '', error: problem('url') },
      told: {
        value: '',
        error: problem('causes'),
        options: [
          { value: 'everything', label: t('webhooks.everything'), selected: !isNamed },
          { value: 'named', label: t('webhooks.only_ticked'), selected: isNamed },
        ],
      },
      causes: WebhookCause.options.map((cause) => {
        const name = tickOf(cause);
        return { name, label: t(`webhooks.cause_${cause}`), checked: name in fields };
      }),
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

/** A field may be sent only once, so each tick box has a name of its own. */
function tickOf(cause: WebhookCause): string {
  return `cause-${cause}`;
}

function webhookRow(words: AdminWords, { name, url, causes, enabled, createdAt }: Webhook): WebhookRow {
  return {
    name,
    href: `/webhooks/${encodeURIComponent(name)}`,
    url,
    causes: (causes?.map((cause) => words.t(`webhooks.cause_${cause}`)) ?? [words.t('webhooks.everything')]).join(', '),
    enabled,
    createdAt: moment(words, createdAt),
  };
}
