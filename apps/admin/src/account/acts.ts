import Router from '@koa/router';
import type { Context } from 'koa';
import { ClientId, SessionId } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { type Confirmed, type Question, leadsTo } from '#pages/confirm.ts';
import { counted } from '#pages/count.ts';
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
      const { sessions } = await operator(ctx).sessions(accountIdOf(ctx));
      const session = sessions.find(({ id }) => id === sessionIdOf(ctx));
      if (!session) throw new AppError('missing', 'not_found', 'This session is over already.');
      return about(ctx, 'sessions', {
        title: 'End this session?',
        sentences: [
          'The browser is signed out of every application it entered with this session, on its next request.',
        ],
        facts: [
          { label: 'Device', value: deviceOf(session.userAgent) },
          { label: 'Address', value: session.address ?? 'unknown' },
          ...(session.place === null ? [] : [{ label: 'Place', value: session.place }]),
          { label: 'Applications', value: session.applications.join(', ') || 'none' },
        ],
        button: 'End the session',
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
      const { sessions } = await operator(ctx).sessions(accountIdOf(ctx));
      return about(ctx, 'sessions', {
        title: 'End all sessions?',
        sentences: [
          `${counted(sessions.length, 'live session')} will end. Every application refuses the tokens already issued; the person has to sign in again.`,
        ],
        button: 'End all sessions',
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
      const { applications } = await operator(ctx).applications(accountIdOf(ctx));
      const application = applications.find(({ clientId }) => clientId === clientIdOf(ctx));
      if (!application) throw new AppError('missing', 'not_found', 'This application has no access any more.');
      return about(ctx, 'applications', {
        title: `Withdraw the access of ${application.name}?`,
        sentences: [
          'The tokens it holds for this account are dead at once. A new sign-in there gives it access again.',
        ],
        facts: [{ label: 'It may', value: application.scopes.join(', ') || 'nothing' }],
        button: 'Withdraw the access',
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
      const { bans } = await operator(ctx).bansOf(accountIdOf(ctx));
      const inForce = bans.filter(({ state }) => state === 'in_force');
      return about(ctx, 'bans', {
        title: inForce.length > 1 ? `Lift ${inForce.length} bans?` : 'Lift the ban?',
        sentences: ['The person can sign in again within a second. Tokens from before the ban stay dead.'],
        facts: inForce.map(({ reason }) => ({ label: 'Banned for', value: reason })),
        button: inForce.length > 1 ? 'Lift the bans' : 'Lift the ban',
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
      const { email } = await operator(ctx).account(accountIdOf(ctx));
      return about(ctx, '', {
        title: 'Delete this account?',
        sentences: [
          'The account, its sessions and everything it allowed applications are removed, and its tokens are refused everywhere. Nobody can bring it back.',
          'What the person left in the applications stays there.',
        ],
        typed: email,
        button: 'Delete the account',
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
    const href = `/accounts/${id}`;
    return {
      typed: null,
      danger: true,
      cancelHref: tab ? `${href}/${tab}` : href,
      crumbs: [
        { label: 'Accounts', href: '/accounts' },
        { label: name || email, href },
      ],
      ...own,
      facts: [{ label: 'Account', value: `${name} <${email}>` }, ...(own.facts ?? [])],
    };
  }
}

function sessionIdOf(ctx: Context): string {
  const id = SessionId.safeParse(ctx['params'].sid);
  if (!id.success) throw new AppError('missing', 'not_found', 'There is no such session.');
  return id.data;
}

function clientIdOf(ctx: Context): string {
  const id = ClientId.safeParse(ctx['params'].client);
  if (!id.success) throw new AppError('missing', 'not_found', 'There is no such application.');
  return id.data;
}
