import type { EntityManager } from '@mikro-orm/postgresql';
import Router from '@koa/router';
import { type Csrf, readForm } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';
import { isEmail, normalizeEmail } from '#accounts/email.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import type { MailAllowance } from '#mail/allowance.ts';
import type { LetterKind, Post } from '#mail/post.ts';
import type { Pages } from '#views/index.ts';
import { page, seeOther } from './answers.ts';
import { resendAfterMs } from './assets.ts';
import { type PendingRequests, signInOf } from './pending.ts';
import { linkRequestView, linkSentView, type Purpose } from './views.ts';

type Deps = {
  path: '/register' | '/reset-password';
  letter: LetterKind;
  purpose: Purpose;
  pending: PendingRequests;
  allowance: MailAllowance;
  post: Pick<Post, 'send'>;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
  now: () => Date;
};

const Fields = z.strictObject({ email: z.string(), from: z.string().optional() });

/**
 * `path`: asks for an address; `path`/sent: says that a letter is on its way, and sends it once more.
 * Nothing here looks an account up: that is done when the letter is written. So the answer and its time say nothing.
 */
export function linkRequestRoutes(deps: Deps): Router {
  const { path, letter, purpose, pending, allowance, post, csrf, render, withEm, now } = deps;
  const router = new Router({ prefix: path });

  router.get('/', (ctx) => ask(ctx, 200, { email: '', from: signInOf(ctx.query['from']), mistaken: false }));

  router.post(
    '/',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const fields = Fields.safeParse(ctx.request.body);
      const typed = fields.success ? fields.data.email.normalize('NFKC').trim() : '';
      const from = fields.success ? signInOf(fields.data.from) : null;
      if (!isEmail(normalizeEmail(typed))) return ask(ctx, 422, { email: typed, from, mistaken: true });
      await send(ctx, em, typed);
      pending.keep(ctx, { email: typed, from, sentAt: now().getTime(), times: 1 });
      seeOther(ctx, `${path}/sent`);
    }),
  );

  router.get('/sent', (ctx) => {
    const waiting = pending.of(ctx);
    if (!waiting) return seeOther(ctx, path);
    const { email, from, times } = waiting;
    const view = {
      path,
      csrf: csrf.token(ctx),
      email,
      from,
      again: times > 1,
      waitSeconds: waitSeconds(waiting.sentAt),
    };
    page(ctx, 200, render('link-sent', linkSentView(purpose, localeOf(ctx), view)));
  });

  router.post(
    '/sent',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const waiting = pending.of(ctx);
      if (!waiting) return seeOther(ctx, path);
      if (waitSeconds(waiting.sentAt) === 0) {
        await send(ctx, em, waiting.email);
        pending.keep(ctx, { ...waiting, sentAt: now().getTime(), times: waiting.times + 1 });
      }
      seeOther(ctx, `${path}/sent`);
    }),
  );

  return router;

  type Asked = { email: string; from: string | null; mistaken: boolean };
  function ask(ctx: Context, status: 200 | 422, asked: Asked): void {
    const view = { path, csrf: csrf.token(ctx), ...asked };
    page(ctx, status, render('link-request', linkRequestView(purpose, localeOf(ctx), view)));
  }

  /** Past the allowance nothing is sent, and that is not said: it would tell who else had asked. */
  async function send(ctx: Context, em: EntityManager, email: string): Promise<void> {
    if (!(await allowance.take({ email: normalizeEmail(email), address: ctx.ip }))) return;
    const locale = localeOf(ctx);
    const data = { askedAt: now().toISOString() };
    await em.transactional((tx) => post.send(tx, { kind: letter, email, locale, data }));
  }

  function waitSeconds(sentAt: number): number {
    return Math.max(0, Math.ceil((sentAt + resendAfterMs - now().getTime()) / 1000));
  }
}
