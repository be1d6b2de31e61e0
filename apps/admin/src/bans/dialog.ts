import Router from '@koa/router';
import type { Context } from 'koa';
import { AccountId, type NewBan } from '@portcullis/contracts';
import { AppError, readForm, readQuery } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { accountIdOf } from '#account/routes.ts';
import type { Act } from '#admin-api/request.ts';
import { packed, unpacked } from '#accounts/picks.ts';
import { leadsTo } from '#pages/confirm.ts';
import type { Drafts } from '#pages/drafts.ts';
import { refusalOf } from '#pages/problem.ts';
import { administratorsOnly, freshSignIn, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { emptyBan, type Fields, parseBan } from './form.ts';
import { banFormView, banReviewView, type Target } from './views.ts';

type Deps = { operator: OperatorOf; show: Show; rp: Pick<RelyingParty, 'csrf' | 'stepUp'>; drafts: Drafts };
type Dialog = {
  path: string;
  target: (ctx: Context) => Promise<Target>;
  /** Answers where the receipts are. */
  ban: (ctx: Context, target: Target, ban: NewBan) => Promise<Act<string>>;
};

/** The ban dialog, page by page: fill in, look over with a fresh preview, confirm. */
export function banDialog({ operator, show, rp, drafts }: Deps): Router {
  const router = new Router();

  mount({
    path: '/accounts/:id/ban',
    target: oneAccount,
    ban: async (ctx, { ids }, ban) =>
      leadsTo(await operator(ctx).ban(ids[0] ?? '', ban), (answer) => `/bans/${answer.ban.id}`),
  });

  mount({
    path: '/bans/new',
    target: pickedAccounts,
    ban: async (ctx, { ids }, ban) =>
      leadsTo(await operator(ctx).bulkBan({ accountIds: ids, ...ban }), ({ results }) => {
        const made = results.flatMap((result) => (result.ok ? [result.banId] : []));
        const refused = results.flatMap((result) => (result.ok ? [] : [result]));
        const query = new URLSearchParams({ bans: packed(made) });
        if (refused.length > 0) {
          query.set('refused', packed(refused.map(({ accountId }) => accountId)));
          query.set('why', refused.map(({ error }) => error).join('.'));
        }
        return `/bans/made?${query}`;
      }),
  });

  return router;

  function mount({ path, target, ban }: Dialog): void {
    router.get(path, administratorsOnly, freshSignIn(rp), async (ctx) => {
      const draft = drafts.take(ctx);
      const whom = await target(ctx);
      if (draft) return review(ctx, whom, draft, { resumed: true });
      return fillIn(ctx, whom, emptyBan);
    });

    router.post(path, administratorsOnly, readForm, rp.csrf.protect, async (ctx) => {
      const fields = ctx.request.body as Fields;
      const whom = await target(ctx);
      if (fields['step'] === 'change') return fillIn(ctx, whom, fields);
      if (fields['step'] !== 'confirm') return review(ctx, whom, fields, { resumed: false });
      const parsed = parseBan(wordsOf(ctx), fields);
      if (!parsed.ok) return fillIn(ctx, whom, fields, { problems: parsed.problems });
      const outcome = await ban(ctx, whom, parsed.ban);
      if (!outcome.ok) return fillIn(ctx, whom, fields, { refusal: refusalOf(outcome, ctx) });
      ctx.status = 303;
      return ctx.redirect(outcome.data);
    });
  }

  async function fillIn(
    ctx: Context,
    target: Target,
    fields: Fields,
    state: Partial<Pick<Parameters<typeof banFormView>[4], 'problems' | 'refusal'>> = {},
  ): Promise<void> {
    const [preview, { clients }] = await Promise.all([previewOf(ctx, target), operator(ctx).clients()]);
    if (state.problems) ctx.status = 422;
    if (state.refusal !== undefined) ctx.status = 409;
    const view = banFormView(wordsOf(ctx), target, ctx.url, fields, { clients, preview, ...state });
    show.page(ctx, 'banForm', view.title, view);
  }

  async function review(ctx: Context, target: Target, fields: Fields, { resumed }: { resumed: boolean }) {
    const parsed = parseBan(wordsOf(ctx), fields);
    if (!parsed.ok) return fillIn(ctx, target, fields, { problems: parsed.problems });
    const { ban } = parsed;
    const [preview, { clients }] = await Promise.all([previewOf(ctx, target, ban.clientIds), operator(ctx).clients()]);
    const view = banReviewView(wordsOf(ctx), target, ctx.url, fields, { ban, clients, preview, resumed });
    return show.page(ctx, 'banReview', view.title, view);
  }

  async function previewOf(ctx: Context, { ids, members }: Target, clientIds?: string[]) {
    const api = operator(ctx);
    const preview =
      members.length > 0 ? await api.previewBulkBan(ids, clientIds) : await api.previewBan(ids[0] ?? '', clientIds);
    if (!preview.ok) throw new AppError('conflict', preview.code, preview.message);
    return preview.data;
  }

  async function oneAccount(ctx: Context): Promise<Target> {
    const { id, name, email } = await operator(ctx).account(accountIdOf(ctx));
    const href = `/accounts/${id}`;
    return {
      ids: [id],
      name: name || email,
      crumbs: [
        { label: wordsOf(ctx).t('pages.accounts'), href: '/accounts' },
        { label: name || email, href },
      ],
      cancelHref: href,
      members: [],
    };
  }

  async function pickedAccounts(ctx: Context): Promise<Target> {
    const ids = unpacked(readQuery(ctx)['accounts'] ?? '').filter((id) => AccountId.safeParse(id).success);
    if (ids.length === 0) throw new AppError('missing', 'nobody_picked', problemMessages.en.nobody_picked);
    const api = operator(ctx);
    const accounts = await Promise.all(ids.map((id) => api.account(id)));
    return {
      ids,
      name: wordsOf(ctx).t('pages.n_accounts', { n: accounts.length }),
      crumbs: [{ label: wordsOf(ctx).t('pages.bans'), href: '/bans' }],
      cancelHref: '/accounts',
      members: accounts.map(({ id, name, email }) => ({ label: `${name} <${email}>`, href: `/accounts/${id}` })),
    };
  }
}
