import Router from '@koa/router';
import { type Csrf, readForm, readQuery } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';
import type { Context } from 'koa';
import { z } from 'zod';
import type { UnitOfWork } from '#database/orm.ts';
import { inLanguage, localeOf } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { page, seeOther } from '#link-request/answers.ts';
import { noticeView, type NoticeView } from '#link-request/views.ts';
import { chrome, type Framed } from '#views/chrome.ts';
import type { Pages } from '#views/index.ts';
import type { NotMe } from './not-me.ts';

export type NotMeView = Framed & { csrf: string; token: string };

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
      seeOther(ctx, done ? '/not-me/done' : '/not-me');
    }),
  );

  router.get('/done', (ctx) => end(ctx, { done: true }));

  return router;

  function end(ctx: Context, { done }: { done: boolean }): void {
    page(ctx, done ? 200 : 410, render('notice', done ? lockedOutView(localeOf(ctx)) : deadLinkView(localeOf(ctx))));
  }
}

function lockedOutView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'lock',
    heading: t('devices.done_title'),
    paragraphs: [t('devices.done_lede'), t('devices.done_next')],
    action: null,
  });
}

function deadLinkView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'clock',
    heading: t('devices.dead_title'),
    paragraphs: [t('devices.dead_lede'), t('devices.dead_next')],
    action: { label: t('devices.dead_action'), href: inLanguage('/reset-password', locale) },
  });
}
