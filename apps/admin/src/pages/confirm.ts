import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { FieldState } from '@portcullis/ui';
import { wordsOf } from '#i18n/messages.ts';
import type { Act } from '#admin-api/request.ts';
import type { Drafts } from './drafts.ts';
import { freshSignIn } from './operator.ts';
import { refusalOf } from './problem.ts';
import type { Show } from './show.ts';

/** An act as it is put before the operator: what it does, to whom, and how to go back. */
export type Question = {
  title: string;
  crumbs: { label: string; href: string }[];
  sentences: string[];
  facts: { label: string; value: string }[];
  /** To be typed before an act that nobody can take back. */
  typed: string | null;
  button: string;
  danger: boolean;
  cancelHref: string;
};

export type ConfirmView = Omit<Question, 'typed'> & {
  action: string;
  refusal: string | null;
  resumed: boolean;
  typed: (FieldState & { expected: string }) | null;
};

type Typed = Record<string, string>;
type Deps = { show: Show; rp: Pick<RelyingParty, 'csrf' | 'stepUp'>; drafts: Drafts };
type Steps = {
  guard: Middleware;
  question: (ctx: Context) => Promise<Question>;
  /** Answers where to go when it was done. */
  act: (ctx: Context) => Promise<Act<string>>;
};

export type Confirmed = ReturnType<typeof createConfirmed>;

/** GET asks, POST does: every act that needs no more than a yes. */
export function createConfirmed({ show, rp, drafts }: Deps) {
  const fresh = freshSignIn(rp);

  return (router: Router, path: string, { guard, question, act }: Steps): void => {
    router.get(path, guard, fresh, async (ctx) => {
      const draft = drafts.take(ctx);
      ask(ctx, await question(ctx), { fields: draft ?? {}, resumed: draft !== undefined });
    });

    router.post(path, guard, readForm, rp.csrf.protect, async (ctx) => {
      const fields = ctx.request.body as Typed;
      const asked = await question(ctx);
      if (asked.typed !== null && fields['typed']?.trim() !== asked.typed) {
        ctx.status = 422;
        return ask(ctx, asked, { fields, problem: wordsOf(ctx).t('pages.type_exactly', { text: asked.typed }) });
      }
      const outcome = await act(ctx);
      if (!outcome.ok) {
        ctx.status = 409;
        return ask(ctx, asked, { fields, refusal: refusalOf(outcome, ctx) });
      }
      ctx.status = 303;
      return ctx.redirect(outcome.data);
    });
  };

  function ask(
    ctx: Context,
    { typed, ...question }: Question,
    state: { fields: Typed; problem?: string; refusal?: string; resumed?: boolean },
  ): void {
    show.page(ctx, 'confirm', question.title, {
      ...question,
      action: ctx.url,
      refusal: state.refusal ?? null,
      resumed: state.resumed ?? false,
      typed:
        typed === null ? null : { expected: typed, value: state.fields['typed'] ?? '', error: state.problem ?? null },
    });
  }
}

/** An act's answer with where to go next in place of its data. */
export function leadsTo<T>(outcome: Act<T>, next: (data: T) => string): Act<string> {
  return outcome.ok ? { ok: true, data: next(outcome.data) } : outcome;
}
