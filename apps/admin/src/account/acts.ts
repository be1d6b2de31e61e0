import Router from '@koa/router';
import type { Context } from 'koa';
import { ClientId, SessionId } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { type Confirmed, type Question, leadsTo } from '#pages/confirm.ts';
import { doneHref } from '#pages/notices.ts';
import { administratorsOnly, type OperatorOf, operatorsOnly } from '#pages/operator.ts';
import { accountIdOf } from './routes.ts';
import { deviceOf } from './device.ts';

type Deps = { operator: OperatorOf; confirmed: Confirmed };

/** What can be done to an account with no more than a yes. */
export function accountActs({ operator, confirmed }: Deps): Router {
  const router = new Router();

  confirmed(router, '/accounts/:id/sessions/:sid/end', {
    guard: operatorsOnly,
    question: async (ctx) => {
      const words = wordsOf(ctx);
      const { t } = words;
      const { sessions } = await operator(ctx).sessions(accountIdOf(ctx));
      const session = sessions.find(({ id }) => id === sessionIdOf(ctx));
      if (!session) throw new AppError('missing', 'session_over', problemMessages.en.session_over);
      return about(ctx, 'sessions', {
        title: t('account.end_title'),
        sentences: [t('account.end_text')],
        facts: [
          { label: t('account.device'), value: deviceOf(words, session.userAgent) },
          { label: t('pages.address'), value: session.address ?? t('pages.unknown') },
          ...(session.place === null ? [] : [{ label: t('account.place'), value: session.place }]),
          { label: t('pages.applications'), value: session.applications.join(', ') || t('pages.none') },
        ],
        button: t('account.end_button'),
      });
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).endSession(accountIdOf(ctx), sessionIdOf(ctx)), ({ delivery }) =>
        doneHref(`/accounts/${accountIdOf(ctx)}/sessions`, 'session-ended', delivery),
      ),
  });

  confirmed(router, '/accounts/:id/sessions/end-all', {
    guard: operatorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { sessions } = await operator(ctx).sessions(accountIdOf(ctx));
      return about(ctx, 'sessions', {
        title: t('account.end_all_title'),
        sentences: [t('account.end_all_text', { n: sessions.length })],
        button: t('account.end_all'),
      });
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).endSessions(accountIdOf(ctx)), ({ delivery }) =>
        doneHref(`/accounts/${accountIdOf(ctx)}/sessions`, 'sessions-ended', delivery),
      ),
  });

  confirmed(router, '/accounts/:id/applications/:client/withdraw', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { applications } = await operator(ctx).applications(accountIdOf(ctx));
      const application = applications.find(({ clientId }) => clientId === clientIdOf(ctx));
      if (!application) throw new AppError('missing', 'access_missing', problemMessages.en.access_missing);
      return about(ctx, 'applications', {
        title: t('account.withdraw_title', { name: application.name }),
        sentences: [t('account.withdraw_text')],
        facts: [{ label: t('account.may'), value: application.scopes.join(', ') || t('account.nothing') }],
        button: t('account.withdraw_button'),
      });
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).withdraw(accountIdOf(ctx), clientIdOf(ctx)), ({ delivery }) =>
        doneHref(`/accounts/${accountIdOf(ctx)}/applications`, 'application-withdrawn', delivery),
      ),
  });

  confirmed(router, '/accounts/:id/lift', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { bans } = await operator(ctx).bansOf(accountIdOf(ctx));
      const inForce = bans.filter(({ state }) => state === 'in_force');
      const n = Math.max(inForce.length, 1);
      return about(ctx, 'bans', {
        title: t('account.lift_title', { n }),
        sentences: [t('account.lift_text')],
        facts: inForce.map(({ reason }) => ({ label: t('account.banned_for'), value: reason })),
        button: t('account.lift_button', { n }),
        danger: false,
      });
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).lift(accountIdOf(ctx)), ({ delivery }) =>
        doneHref(`/accounts/${accountIdOf(ctx)}`, 'lifted', delivery),
      ),
  });

  confirmed(router, '/accounts/:id/delete', {
    guard: administratorsOnly,
    question: async (ctx) => {
      const { t } = wordsOf(ctx);
      const { email } = await operator(ctx).account(accountIdOf(ctx));
      return about(ctx, '', {
        title: t('account.delete_title'),
        sentences: [t('account.delete_text'), t('account.delete_leaves')],
        typed: email,
        button: t('account.delete'),
      });
    },
    act: async (ctx) =>
      leadsTo(await operator(ctx).deleteAccount(accountIdOf(ctx)), ({ delivery }) =>
        doneHref('/accounts', 'account-deleted', delivery),
      ),
  });

  return router;

  async function about(
    ctx: Context,
    tab: string,
    own: Pick<Question, 'title' | 'sentences' | 'button'> & Partial<Question>,
  ): Promise<Question> {
    const { id, name, email } = await operator(ctx).account(accountIdOf(ctx));
    const { t } = wordsOf(ctx);
    const href = `/accounts/${id}`;
    return {
      typed: null,
      danger: true,
      cancelHref: tab ? `${href}/${tab}` : href,
      crumbs: [
        { label: t('pages.accounts'), href: '/accounts' },
        { label: name || email, href },
      ],
      ...own,
      facts: [{ label: t('pages.account'), value: `${name} <${email}>` }, ...(own.facts ?? [])],
    };
  }
}

function sessionIdOf(ctx: Context): string {
  const id = SessionId.safeParse(ctx['params'].sid);
  if (!id.success) throw new AppError('missing', 'session_missing', problemMessages.en.session_missing);
  return id.data;
}

function clientIdOf(ctx: Context): string {
  const id = ClientId.safeParse(ctx['params'].client);
  if (!id.success) throw new AppError('missing', 'application_missing', problemMessages.en.application_missing);
  return id.data;
}
