import Router from '@koa/router';
import type { OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { overviewView } from './views.ts';

const LATEST = 7;

export function overviewRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/', async (ctx) => {
    const api = operator(ctx);
    const [overview, bans, audit] = await Promise.all([
      api.overview(),
      api.bans({ status: 'in_force', limit: LATEST }),
      api.audit({}, { limit: LATEST }),
    ]);
    show.page(ctx, 'overview', 'Overview', overviewView(overview, bans.bans, audit.events));
  });

  return router;
}
