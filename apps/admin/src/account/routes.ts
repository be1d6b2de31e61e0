import Router from '@koa/router';
import type { Context } from 'koa';
import { AccountId } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import { personOf } from '@portcullis/relying-party';
import { wordsOf } from '#i18n/messages.ts';
import { problemMessages } from '#pages/problem-messages.ts';
import { doings } from '#audit/events.ts';
import type { OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import {
  accountHead,
  type AccountHead,
  activityView,
  applicationRows,
  bansView,
  overviewView,
  sessionRows,
  type Tab,
} from './views.ts';

const PAGE = 50;
const LATEST = 6;
/** So many that some of them are more than looks. */
const READ = 100;

type Deps = { operator: OperatorOf; show: Show };

/** One account, as its tabs show it. */
export function accountRoutes({ operator, show }: Deps): Router {
  const router = new Router();

  router.get('/accounts/:id', async (ctx) => {
    const id = accountIdOf(ctx);
    const api = operator(ctx);
    const [account, sessions, applications, activity] = await Promise.all([
      api.account(id),
      api.sessions(id),
      api.applications(id),
      api.activity(id, { limit: READ }),
    ]);
    const words = wordsOf(ctx);
    const head = accountHead(words, account, 'overview', personOf(ctx).sub);
    const events = doings(activity.events, LATEST);
    const view = overviewView(words, account, head, { ...sessions, ...applications, events });
    show.page(ctx, 'account', head.name, view);
  });

  router.get('/accounts/:id/sessions', async (ctx) => {
    const [account, { sessions }] = await both(ctx, 'sessions', (api, id) => api.sessions(id));
    const view = { account, sessions: sessionRows(wordsOf(ctx), account.href, sessions) };
    show.page(ctx, 'accountSessions', titleOf(ctx, 'sessions', account), view);
  });

  router.get('/accounts/:id/applications', async (ctx) => {
    const [account, { applications }] = await both(ctx, 'applications', (api, id) => api.applications(id));
    const view = { account, applications: applicationRows(wordsOf(ctx), account.href, applications) };
    show.page(ctx, 'accountApplications', titleOf(ctx, 'applications', account), view);
  });

  router.get('/accounts/:id/activity', async (ctx) => {
    const { after } = readQuery(ctx);
    const [account, answer] = await both(ctx, 'activity', (api, id) => api.activity(id, { after, limit: PAGE }));
    const view = activityView(wordsOf(ctx), account, answer, after);
    show.page(ctx, 'accountActivity', titleOf(ctx, 'activity', account), view);
  });

  router.get('/accounts/:id/bans', async (ctx) => {
    const [account, { bans }] = await both(ctx, 'bans', (api, id) => api.bansOf(id));
    show.page(ctx, 'accountBans', titleOf(ctx, 'bans', account), bansView(wordsOf(ctx), account, bans));
  });

  return router;

  async function both<T>(
    ctx: Context,
    tab: Tab,
    ask: (api: ReturnType<OperatorOf>, id: string) => Promise<T>,
  ): Promise<[AccountHead, T]> {
    const id = accountIdOf(ctx);
    const api = operator(ctx);
    const [account, answer] = await Promise.all([api.account(id), ask(api, id)]);
    return [accountHead(wordsOf(ctx), account, tab, personOf(ctx).sub), answer];
  }
}

function titleOf(ctx: Context, tab: Exclude<Tab, 'overview'>, { name }: AccountHead): string {
  return wordsOf(ctx).t(`account.${tab}_of`, { name });
}

/** The account a path names; a path that cannot name one leads nowhere. */
export function accountIdOf(ctx: Context): string {
  const id = AccountId.safeParse(ctx['params'].id);
  if (!id.success) throw new AppError('missing', 'account_missing', problemMessages.en.account_missing);
  return id.data;
}
