import Router from '@koa/router';
import { allowFormAction, allowImage, AppError, type Csrf, readForm } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { type Interactions, interactionPath, type WaitingInteraction } from '#protocol/interactions.ts';
import type { Pages } from '#views/index.ts';
import { askable } from './asked.ts';
import type { Consents } from './service.ts';
import { consentPath, consentView } from './views.ts';

type Deps = {
  familyResource: string;
  interactions: Pick<Interactions, 'current' | 'session' | 'consent' | 'goOn' | 'askForAccount' | 'cancel'>;
  consents: Consents;
  lookup: Pick<AccountLookup, 'forTokens'>;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};

/** A request of somebody else's application, and whose account it wants to get at. */
type Waiting = WaitingInteraction & { accountId: string };

const Answer = z.strictObject({ answer: z.enum(['allow', 'deny']) });

/** The page that asks whether an application may: the only step of a sign-in after somebody has signed in. */
export function consentRoutes(deps: Deps): Router {
  const { familyResource, interactions, consents, lookup, csrf, render, withEm } = deps;
  const router = new Router();
  const path = consentPath(':uid');

  router.get(
    path,
    withEm(async (ctx, em) => {
      const waiting = await waitingAt(ctx);
      if (!waiting) return;
      const { accountId, client, redirectUri, uiLocales } = waiting;
      const person = await lookup.forTokens(accountId);
      if (!person) return interactions.goOn(ctx); // banned or gone since: said by the sign-in page
      allowFormAction(ctx, redirectUri);
      if (client.logoUrl) allowImage(ctx, client.logoUrl);
      const allowed = await consents.of(em, { accountId, clientId: client.id });
      const locale = localeOf(ctx, { uiLocales, account: person.locale });
      const reader = { csrf: csrf.token(ctx), locale, familyResource };
      const view = consentView({ waiting, wanted: askable(waiting), allowed, person, ...reader });
      ctx.type = 'html';
      ctx.body = render('consent', view);
    }),
  );

  router.post(
    path,
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const waiting = await waitingAt(ctx);
      if (!waiting) return;
      const { success, data } = Answer.safeParse(ctx.request.body);
      if (!success) throw new AppError('invalid', 'no_answer', 'Choose whether to allow this or not.');
      if (data.answer === 'deny') return interactions.cancel(ctx);
      const { accountId, client } = waiting;
      await consents.give(em, { accountId, clientId: client.id, ...askable(waiting) });
      await interactions.consent(ctx);
    }),
  );

  router.post(`${path}/other-account`, readForm, csrf.protect, async (ctx) => {
    if (!(await waitingAt(ctx))) return;
    await interactions.askForAccount(ctx);
    toSignIn(ctx);
  });

  return router;

  /** The question this page is for. Anything else is said by the sign-in page, or where the request goes on. */
  async function waitingAt(ctx: Context): Promise<Waiting | undefined> {
    const current = await interactions.current(ctx);
    if (current.state === 'expired' || current.prompt !== 'consent') {
      toSignIn(ctx);
      return undefined;
    }
    const { accountId } = (await interactions.session(ctx)) ?? {};
    if (accountId && accountId === current.signedInAs) return { ...current, accountId };
    await interactions.goOn(ctx);
    return undefined;
  }
}

function toSignIn(ctx: Context): void {
  ctx.status = 303;
  ctx.redirect(interactionPath(String(ctx['params'].uid)));
}
