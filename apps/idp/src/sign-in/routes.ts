import Router from '@koa/router';
import { allowFormAction, AppError, type Csrf, readForm } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';

import type { Accounts, SignIn } from '#accounts/service.ts';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { UnitOfWork } from '#database/orm.ts';
import type { Interactions, WaitingInteraction as Waiting } from '#protocol/interactions.ts';
import type { Pages } from '#views/index.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { bannedView, expiredView, type Flow, type SignInProblem, signInView } from './views.ts';

type Deps = {
  interactions: Pick<Interactions, 'current' | 'signIn' | 'cancel'>;
  accounts: Pick<Accounts, 'signIn'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
  refusals: Refusals;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};

const Fields = z.strictObject({
  email: z.string().trim().min(1),
  password: z.string().min(1),
  remember: z.literal('yes').optional(),
});

/** The page an application sends people to when they are not signed in. It knows nothing of OpenID Connect beyond `Interactions`. */
export function signInRoutes({ interactions, accounts, lookup, refusals, csrf, render, withEm }: Deps): Router {
  const router = new Router({ prefix: '/sign-in/:uid' });

  router.get('/', async (ctx) => {
    const waiting = await waitingAt(ctx);
    if (waiting) show(ctx, await flowOf(ctx, waiting), await refusals.take(waiting.uid));
  });

  router.post(
    '/',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const waiting = await waitingAt(ctx);
      if (!waiting) return;
      const fields = Fields.safeParse(ctx.request.body);
      if (!fields.success) return refuse(ctx, waiting, 422, { reason: 'incomplete' });
      const { email, password, remember } = fields.data;
      const attempt = { email, password, address: ctx.ip, clientId: waiting.client.id };
      await answer(ctx, waiting, await accounts.signIn(em, attempt).catch(busy), remember === 'yes');
    }),
  );

  router.post('/cancel', readForm, csrf.protect, async (ctx) => {
    if (await waitingAt(ctx)) await interactions.cancel(ctx);
  });

  return router;

  async function answer(ctx: Context, waiting: Waiting, result: SignIn | Busy, remember: boolean): Promise<void> {
    if (result.ok) {
      return interactions.signIn(ctx, {
        accountId: result.accountId,
        checkedAt: result.checkedAt,
        authenticatedAt: new Date(),
        amr: ['pwd'],
        acr: 'urn:portcullis:acr:password',
        remember,
      });
    }
    switch (result.reason) {
      case 'wrong_credentials':
        return refuse(ctx, waiting, 422, result);
      case 'throttled':
        return refuse(ctx, waiting, 429, result);
      case 'busy':
        return refuse(ctx, waiting, 503, result);
      case 'disabled':
        return toPage(ctx, waiting, { kind: 'disabled' });
      case 'banned':
        return toPage(ctx, waiting, { kind: 'banned', ban: result.ban });
    }
  }

  async function refuse(
    ctx: Context,
    waiting: Waiting,
    status: 422 | 429 | 503,
    problem: SignInProblem,
  ): Promise<void> {
    const { email, remember } = Remembered.parse(ctx.request.body);
    await toPage(ctx, waiting, { kind: 'form', status, email, remember: remember === 'yes', problem });
  }

  async function toPage(ctx: Context, { uid }: Waiting, refusal: Refusal): Promise<void> {
    await refusals.keep(uid, refusal);
    ctx.status = 303;
    ctx.redirect(`/sign-in/${uid}`);
  }

  function show(ctx: Context, flow: Flow, refusal: Refusal | undefined): void {
    switch (refusal?.kind) {
      case undefined:
        return page(ctx, 200, render('sign-in', signInView(flow)));
      case 'banned':
        return page(ctx, 403, render('banned', bannedView(flow, refusal.ban)));
      case 'disabled':
        return page(ctx, 403, render('banned', bannedView(flow, 'disabled')));
      case 'form':
        if ('retryAfterSeconds' in refusal.problem) ctx.set('Retry-After', String(refusal.problem.retryAfterSeconds));
        return page(ctx, refusal.status, render('sign-in', signInView(flow, refusal)));
    }
  }

  /** The sign-in this page is for; without one (idled, done, another browser's) the way back has been shown. */
  async function waitingAt(ctx: Context): Promise<Waiting | undefined> {
    const current = await interactions.current(ctx);
    if (current.state === 'expired') {
      page(ctx, 410, render('expired', expiredView(current.back)));
      return undefined;
    }
    if (current.prompt !== 'login')
      throw new AppError('forbidden', 'consent_unavailable', `${current.client.name} may not be used here yet.`);
    allowFormAction(ctx, current.redirectUri);
    if (current.client.logoUrl) allowImage(ctx, current.client.logoUrl);
    return current;
  }

  async function flowOf(ctx: Context, waiting: Waiting): Promise<Flow> {
    const person = waiting.signedInAs === null ? undefined : await lookup.forTokens(waiting.signedInAs);
    return { ...waiting, signedInAs: person?.email ?? null, csrf: csrf.token(ctx) };
  }
}

const Remembered = z.object({ email: z.string().catch(''), remember: z.string().catch('') });

type Busy = { ok: false; reason: 'busy'; retryAfterSeconds: number };

/** More sign-ins wait than this node can hash: said on the page, where the person can simply try again. */
function busy(error: unknown): Busy {
  if (error instanceof AppError && error.code === 'sign_in_busy' && error.retryAfterSeconds !== undefined)
    return { ok: false, reason: 'busy', retryAfterSeconds: error.retryAfterSeconds };
  throw error;
}

function page(ctx: Context, status: number, html: string): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('Cache-Control', 'no-store');
  ctx.body = html;
}

/** A client's logo lives with the client; this one page may show it. */
function allowImage(ctx: Context, url: string): void {
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set('Content-Security-Policy', policy.replace('img-src', `img-src ${new URL(url).origin}`));
}
