import type { EntityManager } from '@mikro-orm/postgresql';
import Router from '@koa/router';
import { type Csrf, readForm } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';
import type { Context } from 'koa';
import { z } from 'zod';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { page, seeOther } from '#link-request/answers.ts';
import type { NoticeView } from '#link-request/views.ts';
import type { Pages } from '#views/index.ts';
import type { EmailChange } from './service.ts';
import {
  changeUndoneView,
  confirmEmailView,
  deadLinkView,
  emailChangedView,
  emailTakenView,
  undoEmailView,
} from './views.ts';

type Deps = { emailChange: EmailChange; csrf: Csrf; render: Pages['render']; withEm: UnitOfWork };
const Token = z.string().regex(/^[\w-]{43}$/);
const Fields = z.strictObject({ token: Token });

/** Where the letters' links lead, in whatever browser: to a page that says what will happen, and a button that does it. */
export function emailChangeRoutes({ emailChange, csrf, render, withEm }: Deps): Router {
  const router = new Router({ prefix: '/confirm-email' });

  router.get('/', showing(emailChange.wanted, 'confirm-email', confirmEmailView));
  router.post('/', readForm, csrf.protect, doing(emailChange.confirm, '/confirm-email/done'));
  router.get('/done', (ctx) => notice(ctx, 200, emailChangedView));
  router.get('/undo', showing(emailChange.undoing, 'undo-email', undoEmailView));
  router.post('/undo', readForm, csrf.protect, doing(emailChange.undo, '/confirm-email/undone'));
  router.get('/undone', (ctx) => notice(ctx, 200, changeUndoneView));
  return router;

  function showing(
    addressOf: (em: EntityManager, token: string) => Promise<string | undefined>,
    template: 'confirm-email' | 'undo-email',
    view: typeof confirmEmailView,
  ) {
    return withEm(async (ctx, em) => {
      const token = Token.safeParse(ctx.query['token']).data;
      const email = token === undefined ? undefined : await addressOf(em, token);
      if (token === undefined || email === undefined) return notice(ctx, 410, deadLinkView);
      page(ctx, 200, render(template, view(localeOf(ctx), { csrf: csrf.token(ctx), token, email })));
    });
  }

  function doing(act: EmailChange['confirm'], then: string) {
    return withEm(async (ctx, em) => {
      const fields = Fields.safeParse(ctx.request.body);
      const done = fields.success ? await act(em, fields.data.token) : ({ ok: false, reason: 'not_entitled' } as const);
      if (done.ok) return seeOther(ctx, then);
      if (done.reason === 'email_taken') return notice(ctx, 409, emailTakenView);
      notice(ctx, 410, deadLinkView);
    });
  }

  function notice(ctx: Context, status: number, view: (locale: Locale) => NoticeView): void {
    page(ctx, status, render('notice', view(localeOf(ctx))));
  }
}
