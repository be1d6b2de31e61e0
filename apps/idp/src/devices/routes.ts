import Router from '@koa/router';
import { type Csrf, readForm, readQuery } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { chrome, type Framed } from '#views/chrome.ts';
import type { Pages } from '#views/index.ts';
import type { NotMe } from './not-me.ts';

export type NotMeView = Framed & { csrf: string; token: string };
export type NotMeEndView = Framed & { done: boolean };

type Deps = { notMe: NotMe; csrf: Csrf; render: Pages['render']; withEm: UnitOfWork };

const Presented = z.strictObject({ token: z.string() });

/** The page of the link in the letter about a new sign-in. Opening it does nothing: programs that read mail do that too. */
export function notMeRoutes({ notMe, csrf, render, withEm }: Deps): Router {
  const router = new Router({ prefix: '/not-me' });

  router.get(
    '/',
    withEm(async (ctx, em) => {
      const { token = '' } = readQuery(ctx);
      if (!(await notMe.isValid(em, token))) return end(ctx, { done: false });
      const locale = localeOf(ctx);
      const title = wordsIn(locale).t('devices.not_me_title');
      page(ctx, 200, render('not-me', { chrome: chrome(title, locale), csrf: csrf.token(ctx), token }));
    }),
  );

  router.post(
    '/',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const presented = Presented.safeParse(ctx.request.body);
      const done = presented.success && (await notMe.lockOut(em, presented.data.token));
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      ctx.redirect(done ? '/not-me/done' : '/not-me');
    }),
  );

  router.get('/done', (ctx) => end(ctx, { done: true }));

  return router;

  function end(ctx: Context, { done }: { done: boolean }): void {
    const locale = localeOf(ctx);
    const title = wordsIn(locale).t(done ? 'devices.done_title' : 'devices.dead_title');
    page(ctx, done ? 200 : 410, render('not-me-end', { chrome: chrome(title, locale), done }));
  }
}

function page(ctx: Context, status: number, html: string): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('Cache-Control', 'no-store');
  ctx.body = html;
}
