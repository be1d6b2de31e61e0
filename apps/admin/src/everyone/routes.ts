import Router from '@koa/router';
import type { Context } from 'koa';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import { wordsOf } from '#i18n/messages.ts';
import type { Drafts } from '#pages/drafts.ts';
import { refusalOf } from '#pages/problem.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, type OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';

export type EveryoneView = {
  before: FieldState;
  typed: FieldState;
  expected: string;
  refusal: string | null;
  resumed: boolean;
};

type Fields = Record<string, string>;
type Deps = { operator: OperatorOf; show: Show; rp: Pick<RelyingParty, 'csrf'>; drafts: Drafts };

/** The widest act there is: every token issued before a moment is dead. */
export function everyoneRoutes({ operator, show, rp, drafts }: Deps): Router {
  const router = new Router();

  router.get('/everyone', administratorsOnly, (ctx) => {
    const draft = drafts.take(ctx);
    form(ctx, draft ?? {}, { resumed: draft !== undefined });
  });

  router.post('/everyone', administratorsOnly, readForm, rp.csrf.protect, async (ctx) => {
    const fields = ctx.request.body as Fields;
    const { t } = wordsOf(ctx);
    const text = t('everyone.expected');
    const now = new Date();
    const before = fields['before'] ? new Date(`${fields['before']}Z`) : now;
    const problems = {
      before: Number.isNaN(before.getTime()) ? t('everyone.no_moment') : before > now ? t('everyone.not_yet') : null,
      typed: fields['typed']?.trim() === text ? null : t('pages.type_exactly', { text }),
    };
    if (problems.before || problems.typed) {
      ctx.status = 422;
      return form(ctx, fields, problems);
    }
    const outcome = await operator(ctx).everyoneBefore(before);
    if (!outcome.ok) {
      ctx.status = 409;
      return form(ctx, fields, { refusal: refusalOf(outcome, ctx) });
    }
    ctx.status = 303;
    return ctx.redirect(doneHref('/', 'everyone', outcome.data.delivery));
  });

  return router;

  function form(
    ctx: Context,
    fields: Fields,
    state: { before?: string | null; typed?: string | null; refusal?: string; resumed?: boolean },
  ): void {
    const { t } = wordsOf(ctx);
    show.page(ctx, 'everyone', t('pages.everyone'), {
      before: { value: fields['before'] ?? '', error: state.before ?? null },
      typed: { value: fields['typed'] ?? '', error: state.typed ?? null },
      expected: t('everyone.expected'),
      refusal: state.refusal ?? null,
      resumed: state.resumed ?? false,
    });
  }
}
