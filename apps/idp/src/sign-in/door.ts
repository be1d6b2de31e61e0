import type { EntityManager } from '@mikro-orm/postgresql';
import { allowFormAction, allowImage, type Csrf } from '@portcullis/http';
import type { Context, Middleware } from 'koa';
import type { Refused } from '#accounts/service.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import type { WaitingInteraction } from '#protocol/interactions.ts';
import type { Pages, Views } from '#views/index.ts';
import type { Complete } from './completion.ts';
import type { ProgressStore } from './progress.ts';
import { type Refusal, type Refusals, statusOf } from './refusals.ts';
import type { Attempt, Step } from './steps.ts';
import type { FindUnderWay, UnderWay } from './under-way.ts';
import { bannedView, expiredView, type Flow, pathOf } from './views.ts';

const paths: Record<Exclude<Step, 'done'>, string> = {
  credentials: '',
  choose_account: '/account',
  second_factor: '/second-factor',
  enrol: '/enrol',
  recovery_codes: '/recovery-codes',
};

export type KnownHandler = (ctx: Context, em: EntityManager, here: Known) => Promise<void>;
export type Handler = (ctx: Context, em: EntityManager, here: UnderWay) => Promise<void>;
/** A sign-in with somebody in it. */
export type Known = UnderWay & { attempt: Attempt; person: NonNullable<UnderWay['person']> };

type Deps = {
  underWay: FindUnderWay;
  complete: Complete;
  progress: Pick<ProgressStore, 'begin'>;
  refusals: Refusals;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};
export type Door = ReturnType<typeof createDoor>;

/** Through here every request of a sign-in goes: it gets the step that is due, or is led there. */
export function createDoor({ underWay, complete, progress, refusals, csrf, render, withEm }: Deps) {
  return {
    due,
    dueToKnown,
    anywhere,
    begin,
    onward,
    lead,
    toPage,
    startOver,
    refuse,
    refused,
    flowOf,
    show,
    showAgain,
  };

  function due(step: Step, handle: Handler): Middleware {
    return anywhere((ctx, em, here) => (here.step === step ? handle(ctx, em, here) : lead(ctx, em, here)));
  }

  function dueToKnown(step: Step, handle: KnownHandler): Middleware {
    return due(step, async (ctx, em, here) => {
      const { attempt } = here.progress;
      if (attempt && here.person) await handle(ctx, em, { ...here, attempt, person: here.person });
    });
  }

  /** For what may be done at every step. Without a sign-in under way, the page that says why is shown. */
  function anywhere(handle: Handler): Middleware {
    return withEm(async (ctx, em) => {
      const found = await underWay.find(ctx, em);
      switch (found.state) {
        case 'expired':
          return show(ctx, 410, 'expired', expiredView(found.back, localeOf(ctx)));
        case 'consent':
          return redirect(ctx, `/sign-in/${found.uid}/consent`);
        case 'refused':
          return refused(ctx, found.waiting, found.refusal);
        case 'under_way':
          allowFormAction(ctx, found.waiting.redirectUri);
          if (found.waiting.client.logoUrl) allowImage(ctx, found.waiting.client.logoUrl);
          return handle(ctx, em, found);
      }
    });
  }

  /** After the first proof. What it completes at once is kept nowhere. */
  async function begin(ctx: Context, em: EntityManager, { attempt, ...known }: Known): Promise<void> {
    const here = await underWay.judge({ ...known, progress: { attempt } });
    if (here.step !== 'done') await progress.begin(here.waiting.uid, attempt);
    await lead(ctx, em, here);
  }

  /** After a proof: to the step that is due now. */
  async function onward(ctx: Context, em: EntityManager, known: Omit<UnderWay, 'policy' | 'step'>): Promise<void> {
    await lead(ctx, em, await underWay.judge(known));
  }

  async function lead(ctx: Context, em: EntityManager, here: UnderWay): Promise<void> {
    if (here.step !== 'done') return toPage(ctx, here, paths[here.step]);
    const { attempt } = here.progress;
    if (attempt && here.person) await complete(ctx, em, { ...here, attempt, person: here.person });
  }

  /** Back to the page at `path`, which will say why. */
  async function refuse(ctx: Context, here: UnderWay, refusal: Refusal, path = ''): Promise<void> {
    await refusals.keep(here.waiting.uid, refusal);
    toPage(ctx, here, path);
  }

  function toPage(ctx: Context, { waiting }: Pick<UnderWay, 'waiting'>, path: string): void {
    redirect(ctx, pathOf(waiting, path));
  }

  /** Another attempt took the place of this one: its own page says what is due. */
  function startOver(ctx: Context, here: UnderWay): void {
    toPage(ctx, here, '');
  }

  function refused(ctx: Context, waiting: WaitingInteraction, refusal: Refused): void {
    const flow = flowOf(ctx, { waiting });
    allowFormAction(ctx, waiting.redirectUri);
    show(ctx, 403, 'banned', bannedView(flow, refusal.reason === 'banned' ? refusal.ban : 'disabled'));
  }

  function flowOf(ctx: Context, { waiting, person }: Pick<UnderWay, 'waiting' | 'person'>): Flow {
    const locale = localeOf(ctx, { uiLocales: waiting.uiLocales, account: person?.locale });
    return { uid: waiting.uid, client: waiting.client, csrf: csrf.token(ctx), locale };
  }

  /** A page, and what was wrong with the form that was on it before. */
  function showAgain<Name extends keyof Views>(
    ctx: Context,
    refusal: Refusal | undefined,
    name: Name,
    view: Views[Name],
  ): void {
    if (refusal && 'retryAfterSeconds' in refusal.problem)
      ctx.set('Retry-After', String(refusal.problem.retryAfterSeconds));
    show(ctx, refusal ? statusOf(refusal) : 200, name, view);
  }

  function show<Name extends keyof Views>(ctx: Context, status: number, name: Name, view: Views[Name]): void {
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = render(name, view);
  }
}

function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}
