import Router from '@koa/router';
import { type Csrf, readForm, readQuery } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { page, seeOther } from '#link-request/answers.ts';
import { noticeView } from '#link-request/views.ts';
import { chrome } from '#views/chrome.ts';
import type { Pages } from '#views/index.ts';
import type { Deletions } from './deletions.ts';
import { type Door, fieldsOf, type Person, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import type { Show } from './show.ts';

type Deps = {
  door: Door;
  deletions: Deletions;
  show: Show;
  notices: Notices;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};
const Nothing = z.strictObject({});
const Typed = z.strictObject({ email: z.string() });
const Token = z.strictObject({ token: z.string() });
const here = '/account/delete';

export function deletionRoutes({ door, deletions, show, notices, csrf, render, withEm }: Deps): Router {
  const router = new Router({ prefix: '/account' });

  router.get(
    '/delete',
    door.sensitivePage(async (ctx, _em, person) => deletionPage(ctx, person)),
  );

  router.post(
    '/delete',
    door.sensitiveAct(here, async (ctx, em, person) => {
      const { email } = fieldsOf(ctx, Typed);
      const { account, session, words } = person;
      const scheduled = await deletions.schedule(em, { accountId: account.id, sessionUid: session.uid, email });
      if (!scheduled.ok) {
        const why =
          scheduled.reason === 'last_admin' ? 'account_deletion.delete_last_admin' : 'account_deletion.delete_mismatch';
        return deletionPage(ctx, person, { value: email, error: words.t(why) });
      }
      notices.leave(ctx, 'account.done_deletion_scheduled');
      redirect(ctx, '/account/data');
    }),
  );

  router.post(
    '/delete/cancel',
    door.act('/account/data', async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      await deletions.cancel(em, account.id);
      notices.leave(ctx, 'account.done_deletion_cancelled');
      redirect(ctx, '/account/data');
    }),
  );

  /** Where the link in the mail leads: it needs no sign-in, for whoever scheduled the deletion may have changed that. */
  router.get(
    '/keep',
    withEm(async (ctx, em) => {
      const { token = '' } = readQuery(ctx);
      const at = await deletions.announced(em, token);
      const { t, locale } = wordsIn(localeOf(ctx));
      if (!at) return keepNotice(ctx, 'gone');
      const view = { chrome: chrome(t('account_deletion.keep_title'), locale), csrf: csrf.token(ctx), token, at };
      page(ctx, 200, render('account-keep', view));
    }),
  );

  router.post(
    '/keep',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const { token } = fieldsOf(ctx, Token);
      if (!(await deletions.cancelByLink(em, token))) return keepNotice(ctx, 'gone');
      seeOther(ctx, '/account/kept');
    }),
  );

  router.get('/kept', (ctx) => keepNotice(ctx, 'done'));

  return router;

  function deletionPage(ctx: Context, person: Person, email?: { value: string; error: string }): void {
    show(ctx, person, 'account-delete', 'account_deletion.delete_title', {
      status: email ? 422 : 200,
      view: { email: email ?? { value: '', error: null }, address: person.account.email, days: deletions.graceDays },
    });
  }

  function keepNotice(ctx: Context, end: 'done' | 'gone'): void {
    const { t, locale } = wordsIn(localeOf(ctx));
    const view = noticeView(locale, {
      icon: end === 'done' ? 'circle-check' : 'clock',
      heading: t(`account_deletion.keep_${end}_title`),
      paragraphs: [t(`account_deletion.keep_${end}_text`)],
      action: { label: t('account_deletion.keep_to_account'), href: '/account' },
    });
    page(ctx, end === 'done' ? 200 : 410, render('notice', view));
  }
}
