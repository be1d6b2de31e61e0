import Router from '@koa/router';
import { type Csrf, readForm } from '@portcullis/http';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import { z } from 'zod';
import type { AccountCreation } from '#accounts/creation.ts';
import { PersonName } from '#accounts/person-name.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { page, seeOther } from '#link-request/answers.ts';
import type { OwnAddress } from '#link-request/own-address.ts';
import type { PendingRequests } from '#link-request/pending.ts';
import { type FamiliarBrowsers, ownerOf } from '#rate-limit/familiar-browsers.ts';
import type { Throttle } from '#rate-limit/throttle.ts';
import { consume, peek } from '#single-use/service.ts';
import type { Pages } from '#views/index.ts';
import { confirmRegistrationView, deadRegistrationView, registeredView, takenView } from './views.ts';

type Deps = {
  creation: AccountCreation;
  throttle: Pick<Throttle, 'passwordRenewed'>;
  pending: PendingRequests;
  familiarBrowsers: Pick<FamiliarBrowsers, 'remember'>;
  ownAddress: Pick<OwnAddress, 'remember'>;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};

const Token = z.string().regex(/^[\w-]{43}$/);
const Fields = z.strictObject({ token: Token, name: z.string().trim(), password: z.string() });

/** Where the letter's link leads: name and password, and the account is made, its address confirmed. */
export function registrationRoutes(deps: Deps): Router {
  const { creation, throttle, pending, familiarBrowsers, ownAddress, csrf, render, withEm } = deps;
  const router = new Router({ prefix: '/register' });

  router.get(
    '/confirm',
    withEm(async (ctx, em) => {
      const token = Token.safeParse(ctx.query['token']).data;
      const email = await emailOf(em, token);
      if (token === undefined || email === undefined) return dead(ctx);
      const form = { csrf: csrf.token(ctx), token, email, name: '' };
      page(ctx, 200, render('confirm-registration', confirmRegistrationView(localeOf(ctx), form)));
    }),
  );

  router.post(
    '/confirm',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const fields = Fields.safeParse(ctx.request.body);
      const email = await emailOf(em, fields.data?.token);
      if (!fields.success || email === undefined) return dead(ctx);
      const { token, name, password } = fields.data;
      const locale = localeOf(ctx);
      const { t } = wordsIn(locale);
      const refuse = (errors: { name?: string; password?: string }): void => {
        const form = { csrf: csrf.token(ctx), token, email, name };
        const view = confirmRegistrationView(locale, form, { name: null, password: null, ...errors });
        page(ctx, 422, render('confirm-registration', view));
      };
      if (name === '') return refuse({ name: t('registration.name_missing') });
      if (!PersonName.safeParse(name).success) return refuse({ name: t('account.name_invalid') });
      const claim = async (tx: EntityManager): Promise<boolean> => {
        const claimed = await consume(tx, { purpose: 'registration', token });
        await tx.execute(`delete from single_use_token where purpose = 'registration' and email = ?`, [
          claimed?.email ?? null,
        ]);
        return claimed !== undefined;
      };
      const wanted = { email, name, password, emailVerified: true, locale, actor: 'self', claim };
      const made = await creation.create(em, wanted);
      if (made.ok) {
        await throttle.passwordRenewed({ account: made.account.emailNormalized });
        familiarBrowsers.remember(ctx, ownerOf(made.account), { factorShown: false });
        ownAddress.remember(ctx, email);
        return seeOther(ctx, '/register/done');
      }
      if (made.reason === 'email_taken') return page(ctx, 409, render('notice', takenView(locale)));
      if (made.reason === 'email_invalid' || made.reason === 'not_entitled') return dead(ctx);
      refuse({ password: t(`passwords.${made.reason}`) });
    }),
  );

  router.get('/done', (ctx) => {
    const from = pending.of(ctx)?.from ?? null;
    pending.forget(ctx);
    page(ctx, 200, render('notice', registeredView(localeOf(ctx), from)));
  });

  return router;

  function dead(ctx: Context): void {
    page(ctx, 410, render('notice', deadRegistrationView(localeOf(ctx))));
  }
}

/** The address the link was sent to, as it was typed. */
async function emailOf(em: EntityManager, token: string | undefined): Promise<string | undefined> {
  const issued = token === undefined ? undefined : await peek(em, { purpose: 'registration', token });
  return typeof issued?.data['email'] === 'string' ? issued.data['email'] : undefined;
}
