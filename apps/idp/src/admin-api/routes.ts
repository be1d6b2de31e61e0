/**
 * The admin API: everything an operator does by HTTP. It owns no rule of its own: it decides who may ask, reads the
 * request strictly, calls one service, and answers by the contract.
 */
import Router from '@koa/router';
import { readJson, readQuery } from '@portcullis/http';
import { Readable } from 'node:stream';
import type { Pool } from 'pg';
import type { Context } from 'koa';
import { createAuditHistory } from '#audit/history.ts';
import { createBanHistory } from '#bans/history.ts';
import { createBanPreviews } from '#bans/preview.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { createAccountSearch } from './account-search.ts';
import { accountRoutes, type AccountDeps } from './accounts.ts';
import { type AuditDeps, auditRoutes } from './audit.ts';
import { banRoutes, type BanDeps } from './bans.ts';
import { createClientList } from './client-list.ts';
import { createDoor, type Inspection } from './door.ts';
import { openApiDocument } from './openapi.ts';
import { createOverview } from './overview.ts';
import { createBanReceipts } from './receipts.ts';
import type { Download, Given, Route } from './route.ts';
import { systemRoutes, type SystemDeps } from './system.ts';
import { webhookRoutes, type WebhookDeps } from './webhooks.ts';

type Services = Pick<AccountDeps & AuditDeps, 'changes' | 'sessions' | 'places' | 'applications' | 'audit'> &
  Pick<BanDeps, 'bans'> &
  Pick<SystemDeps, 'clientChanges' | 'everyone'> &
  Pick<Parameters<typeof createBanReceipts>[0], 'mirrors' | 'deliveries'> &
  WebhookDeps;

export type AdminApiDeps = Services & {
  inspection: Inspection;
  /** What a token has to be for. */
  audience: string;
  issuer: string;
  pool: Pick<Pool, 'query'>;
  withEm: UnitOfWork;
};

const base = '/admin-api';

export function adminApiRoutes({ inspection, audience, issuer, withEm, ...services }: AdminApiDeps): Router {
  const router = new Router({ prefix: base });
  const door = createDoor({ inspection, audience });
  const table = adminRoutes(services);
  const document = openApiDocument({ routes: table, server: `${issuer}${base}` });

  router.use((ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    return next();
  });
  router.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  for (const route of table) {
    const { method, path, need } = route;
    router[method](
      path,
      withEm(async (ctx, em) => {
        const { sub } = await door.admit(ctx, need);
        await answer(ctx, route, await given(ctx, route), { actor: sub, em });
      }),
    );
  }
  return router;
}

/** Every route there is, for whoever mounts, describes or tests them. */
export function adminRoutes({ pool, ...services }: Services & Pick<AdminApiDeps, 'pool'>): Route[] {
  const search = createAccountSearch(pool);
  const clients = createClientList(pool);
  const banHistory = createBanHistory({ pool });
  const auditHistory = createAuditHistory(pool);
  return [
    ...systemRoutes({ ...services, clients, overview: createOverview({ pool, mirrors: services.mirrors }) }),
    ...accountRoutes({ ...services, search, banHistory, auditHistory }),
    ...banRoutes({
      ...services,
      search,
      clients,
      banHistory,
      previews: createBanPreviews(pool),
      receipts: createBanReceipts({ pool, ...services }),
    }),
    ...auditRoutes({ ...services, auditHistory }),
    ...webhookRoutes(services),
  ];
}

async function given(ctx: Context, { body }: Route): Promise<Given> {
  if (body) await readJson(ctx, async () => {});
  return { params: ctx['params'], query: readQuery(ctx), body: body ? ctx.request.body : undefined };
}

async function answer(
  ctx: Context,
  route: Route,
  request: Given,
  caller: Parameters<Extract<Route, { status: unknown }>['run']>[1],
): Promise<void> {
  if ('download' in route) send(ctx, await route.download(request, caller));
  else {
    ctx.body = await route.run(request, caller);
    ctx.status = route.status;
  }
}

function send(ctx: Context, { contentType, filename, pieces }: Download): void {
  ctx.attachment(filename);
  ctx.type = contentType;
  ctx.body = Readable.from(pieces, { objectMode: false });
}
