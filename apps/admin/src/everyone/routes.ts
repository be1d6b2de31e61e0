import Router from '@koa/router';
import type { Context } from 'koa';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import type { Drafts } from '#pages/drafts.ts';
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

const EXPECTED = 'sign everybody out';

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
    const now = new Date();
    const before = fields['before'] ? new Date(`${fields['before']}Z`) : now;
    const problems = {
      before: Number.isNaN(before.getTime())
        ? 'Give the day and the time, or leave it empty for now.'
        : before > now
          ? 'This moment has not come yet.'
          : null,
      typed: fields['typed']?.trim() === EXPECTED ? null : `Type “${EXPECTED}” exactly as it stands here.`,
    };
    if (problems.before || problems.typed) {
      ctx.status = 422;
      return form(ctx, fields, problems);
    }
    const outcome = await operator(ctx).everyoneBefore(before);
    if (!outcome.ok) {
      ctx.status = 409;
      return form(ctx, fields, { refusal: outcome.message });
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
    show.page(ctx, 'everyone', 'Everyone', {
      before: { value: fields['before'] ?? '', error: state.before ?? null },
      typed: { value: fields['typed'] ?? '', error: state.typed ?? null },
      expected: EXPECTED,
      refusal: state.refusal ?? null,
      resumed: state.resumed ?? false,
    });
  }
}
