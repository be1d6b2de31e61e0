import type { EntityManager } from '@mikro-orm/postgresql';
import Router from '@koa/router';
import { type Csrf, readForm } from '@portcullis/http';
import type { Context } from 'koa';
import { z } from 'zod';
import type { AccountChanges } from '#accounts/changes.ts';
import { hasSecondFactor } from '#accounts/changes-factors.ts';
import { Account } from '#accounts/entity.ts';
import type { PasswordWeakness } from '#accounts/password-policy.ts';
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
import { deadResetView, passwordSetView, resetPasswordView } from './views.ts';

type Deps = {
  changes: Pick<AccountChanges, 'changePassword'>;
  throttle: Pick<Throttle, 'passwordRenewed'>;
  pending: PendingRequests;
  familiarBrowsers: Pick<FamiliarBrowsers, 'remember'>;
  ownAddress: Pick<OwnAddress, 'remember'>;
  csrf: Csrf;
  render: Pages['render'];
  withEm: UnitOfWork;
};

const Token = z.string().regex(/^[\w-]{43}$/);
const Fields = z.strictObject({ token: Token, password: z.string() });

/**
 * Where the letter's link leads: a new password for the account it was made for, and nothing else. Nobody is signed in by
 * it: whoever signs in afterwards is asked for everything the account and the application demand.
 */
export function recoveryRoutes(deps: Deps): Router {
  const { changes, throttle, pending, familiarBrowsers, ownAddress, csrf, render, withEm } = deps;
  const router = new Router({ prefix: '/reset-password' });

  router.get(
    '/new',
    withEm(async (ctx, em) => {
      const token = Token.safeParse(ctx.query['token']).data;
      const account = await accountOf(em, token);
      if (token === undefined || !account) return dead(ctx);
      await form(ctx, em, 200, account, token);
    }),
  );

  router.post(
    '/new',
    readForm,
    csrf.protect,
    withEm(async (ctx, em) => {
      const fields = Fields.safeParse(ctx.request.body);
      const account = await accountOf(em, fields.data?.token);
      if (!fields.success || !account) return dead(ctx);
      const { token, password } = fields.data;
      const { id: accountId } = account;
      const claim = async (tx: EntityManager, owner: Account): Promise<boolean> => {
        const claimed = await consume(tx, { purpose: 'password_reset', token });
        if (claimed?.accountId !== owner.id) return false;
        owner.emailVerified = true;
        return true;
      };
      const changed = await changes.changePassword(em, { accountId, actor: accountId, password, claim });
      if (changed.ok) {
        await throttle.passwordRenewed({ account: account.emailNormalized });
        await em.refresh(account);
        familiarBrowsers.remember(ctx, ownerOf(account), { factorShown: false });
        ownAddress.remember(ctx, account.email);
        return seeOther(ctx, '/reset-password/done');
      }
      if (changed.reason === 'not_found' || changed.reason === 'not_entitled') return dead(ctx);
      await form(ctx, em, 422, account, token, changed.reason);
    }),
  );

  router.get('/done', (ctx) => {
    const from = pending.of(ctx)?.from ?? null;
    pending.forget(ctx);
    page(ctx, 200, render('notice', passwordSetView(localeOf(ctx), from)));
  });

  return router;

  async function form(
    ctx: Context,
    em: EntityManager,
    status: 200 | 422,
    owner: Account,
    token: string,
    refused?: `password_${PasswordWeakness}`,
  ): Promise<void> {
    const locale = localeOf(ctx);
    const secondFactor = await hasSecondFactor(em, owner.id);
    const error = refused ? wordsIn(locale).t(`passwords.${refused}`) : null;
    const view = resetPasswordView(locale, { csrf: csrf.token(ctx), token, owner, secondFactor }, error);
    page(ctx, status, render('reset-password', view));
  }

  function dead(ctx: Context): void {
    page(ctx, 410, render('notice', deadResetView(localeOf(ctx))));
  }
}

async function accountOf(em: EntityManager, token: string | undefined): Promise<Account | null> {
  const issued = token === undefined ? undefined : await peek(em, { purpose: 'password_reset', token });
  return issued?.accountId ? em.findOne(Account, { id: issued.accountId }) : null;
}
