import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import {
  type AccountDetail,
  type AccountSession,
  AccountsQuery,
  AuditExportQuery,
  AuditQuery,
  type AuditEvent,
  type Ban,
  BanPreviewRequest,
  BansQuery,
  BulkBanPreviewRequest,
  type ClientSummary,
  EveryoneBefore,
  NewBan,
  NewBulkBan,
  NewRoles,
  type Overview,
  type Receipts,
  NewWebhook,
  type Webhook,
} from '@portcullis/contracts';
import { AppError, createKoa, createLog, listen, readJson, readQuery } from '@portcullis/http';
import type { Context } from 'koa';

/** What the provider has, for a test to fill and to look at. */
export type ProviderState = {
  overview: Overview;
  accounts: AccountDetail[];
  sessions: AccountSession[];
  clients: ClientSummary[];
  bans: Ban[];
  events: AuditEvent[];
  receipts: Receipts;
  webhooks: Webhook[];
  /** Every request, as `METHOD /path?query` with the bearer token and the body it came with. */
  asked: { what: string; token: string; body: unknown }[];
  /** In place of what would be answered. */
  refuse: ((ctx: Context) => AppError | 'step up' | undefined) | undefined;
};

/** The provider's HTTP edge as the contract has it, over what a test put there: schemas judge what comes in. */
export async function startProvider(state: ProviderState) {
  const router = new Router({ prefix: '/admin-api' });
  const delivery = 'published' as const;
  const input = <T>(schema: { parse(value: unknown): T }, value: unknown): T => {
    try {
      return schema.parse(value);
    } catch (cause) {
      throw new AppError('invalid', 'invalid_request', 'Not as the contract has it.', { cause });
    }
  };
  const account = (ctx: Context) => {
    const found = state.accounts.find(({ id }) => id === ctx['params'].id);
    if (!found) throw new AppError('missing', 'not_found', 'There is no such account.');
    return found;
  };
  const ban = (target: AccountDetail, given: NewBan): Ban => {
    const { id, email, name } = target;
    const made: Ban = {
      id: randomUUID(),
      account: { id, email, name },
      clientIds: given.clientIds ?? null,
      reason: given.reason,
      message: given.message ?? null,
      bannedAt: new Date().toISOString(),
      bannedBy: null,
      bannedByName: null,
      until: given.until ?? null,
      liftedAt: null,
      liftedBy: null,
      liftedByName: null,
      state: 'in_force',
    };
    state.bans.unshift(made);
    if (made.clientIds === null) target.status = 'banned';
    target.ban = made;
    return made;
  };

  router.use(async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.get('content-type')) await readJson(ctx, async () => {});
    const token = ctx.get('authorization').replace('Bearer ', '');
    state.asked.push({ what: `${ctx.method} ${ctx.url.replace('/admin-api', '')}`, token, body: ctx.request.body });
    const refusal = state.refuse?.(ctx);
    if (refusal === 'step up') {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Bearer error="insufficient_user_authentication", max_age=600');
      ctx.body = { error: 'insufficient_user_authentication', message: 'Sign in again.', request_id: 'r' };
      return;
    }
    if (refusal) throw refusal;
    await next();
  });

  const answers: Record<string, (ctx: Context) => unknown> = {
    'GET /overview': () => state.overview,
    'GET /accounts': (ctx) => {
      const { q = '', status, limit } = input(AccountsQuery, readQuery(ctx));
      const fits = ({ email, name, id }: AccountDetail) =>
        [email, name].some((text) => text.toLowerCase().startsWith(q.toLowerCase())) || id === q;
      const accounts = state.accounts.filter((each) => fits(each) && (!status || each.status === status));
      return { accounts: accounts.slice(0, limit), next: accounts.length > limit ? 'next-page' : null };
    },
    'GET /accounts/:id': account,
    'DELETE /accounts/:id': () => ({ delivery }),
    'GET /accounts/:id/sessions': () => ({ sessions: state.sessions }),
    'DELETE /accounts/:id/sessions': () => ({ ended: state.sessions.splice(0).length, delivery }),
    'DELETE /accounts/:id/sessions/:sid': (ctx) => {
      state.sessions = state.sessions.filter(({ id }) => id !== ctx['params'].sid);
      return { ended: 1, delivery };
    },
    'GET /accounts/:id/applications': () => ({
      applications: state.clients.map(({ id, name }) => ({
        clientId: id,
        name,
        scopes: ['openid', 'family'],
        firstUsedAt: '2026-03-01T10:00:00.000Z',
        sessions: 1,
      })),
    }),
    'DELETE /accounts/:id/applications/:client': () => ({ delivery }),
    'GET /accounts/:id/activity': () => ({ events: state.events, next: null }),
    'PUT /accounts/:id/roles': (ctx) => {
      account(ctx).roles = input(NewRoles, ctx.request.body).roles;
      return { delivery };
    },
    'GET /accounts/:id/bans': (ctx) => ({ bans: state.bans.filter((each) => each.account.id === ctx['params'].id) }),
    'POST /accounts/:id/bans/preview': (ctx) => {
      const { clientIds } = input(BanPreviewRequest, ctx.request.body);
      const applications = state.clients.filter(({ id }) => clientIds?.includes(id) ?? true).map(({ name }) => name);
      return { sessions: state.sessions.length, applications, devices: state.sessions.length };
    },
    'POST /accounts/:id/bans': (ctx) => ({ ban: ban(account(ctx), input(NewBan, ctx.request.body)), delivery }),
    'POST /accounts/:id/bans/lift': (ctx) => {
      const target = account(ctx);
      Object.assign(target, { status: 'active', ban: null });
      const bans = state.bans.filter((each) => each.account.id === target.id && each.state === 'in_force');
      for (const each of bans) Object.assign(each, { state: 'lifted', liftedAt: new Date().toISOString() });
      return { bans, delivery };
    },
    'POST /bans/bulk/preview': (ctx) => {
      const { accountIds } = input(BulkBanPreviewRequest, ctx.request.body);
      const applications = state.clients.map(({ name }) => name);
      return { accounts: accountIds.length, sessions: 2 * accountIds.length, applications, devices: 3 };
    },
    'POST /bans/bulk': (ctx) => {
      const { accountIds, ...given } = input(NewBulkBan, ctx.request.body);
      const results = accountIds.map((accountId) => {
        const target = state.accounts.find(({ id }) => id === accountId);
        if (!target || target.roles.includes('admin')) return { accountId, ok: false, error: 'last_admin' };
        return { accountId, ok: true, banId: ban(target, given).id };
      });
      return { results, delivery };
    },
    'GET /bans': (ctx) => {
      const { status } = input(BansQuery, readQuery(ctx));
      const bans = state.bans.filter((each) => !status || (each.state === 'in_force') === (status === 'in_force'));
      return { bans, next: null };
    },
    'GET /bans/:id': (ctx) => {
      const found = state.bans.find(({ id }) => id === ctx['params'].id);
      if (!found) throw new AppError('missing', 'not_found', 'There is no such ban.');
      return found;
    },
    'GET /bans/:id/receipts': () => state.receipts,
    'GET /audit': (ctx) => {
      const { action } = input(AuditQuery, readQuery(ctx));
      return { events: state.events.filter((event) => !action || event.action === action), next: null };
    },
    'GET /webhooks': () => ({ webhooks: state.webhooks }),
    'POST /webhooks': (ctx) => {
      const { name, url, causes = null } = input(NewWebhook, ctx.request.body);
      if (state.webhooks.some((each) => each.name === name))
        throw new AppError('conflict', 'name_taken', 'There is a webhook of this name.');
      const webhook = { name, url, causes, enabled: true, createdAt: new Date().toISOString(), createdBy: null };
      state.webhooks.push(webhook);
      return { webhook, secret: 'whsec_told-this-once' };
    },
    'DELETE /webhooks/:name': (ctx) => {
      state.webhooks = state.webhooks.filter(({ name }) => name !== ctx['params'].name);
      return {};
    },
    'GET /webhooks/:name/deliveries': () => ({ deliveries: state.receipts.deliveries }),
    'GET /clients': () => ({ clients: state.clients }),
    'POST /clients/:id/disable': () => ({ delivery }),
    'POST /clients/:id/enable': () => ({ delivery }),
    'POST /revocations/everyone': (ctx) => {
      input(EveryoneBefore, ctx.request.body);
      return { delivery };
    },
  };
  for (const [route, answer] of Object.entries(answers)) {
    const [method = '', path = ''] = route.split(' ');
    router.register(path, [method], (ctx) => {
      ctx.body = answer(ctx);
    });
  }
  router.get('/audit/export', (ctx) => {
    const { format } = input(AuditExportQuery, readQuery(ctx));
    ctx.type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
    ctx.body = format === 'csv' ? 'at,action\r\nnow,ban.created\r\n' : '{"action":"ban.created"}\n';
  });

  const log = createLog({ name: 'provider', level: 'silent' });
  const koa = createKoa({ log, trustedHops: 0, https: false, errorPage: ({ message }) => message });
  koa.use(router.routes());
  return listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
}
