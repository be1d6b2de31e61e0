import Router from '@koa/router';
import { wordsOf } from '#i18n/messages.ts';
import { doings } from '#audit/events.ts';
import type { OperatorOf } from '#pages/operator.ts';
import type { Show } from '#pages/show.ts';
import { overviewView } from './views.ts';

const LATEST = 7;
/** So many that some of them are more than looks. */
const READ = 100;

export function overviewRoutes({ operator, show }: { operator: OperatorOf; show: Show }): Router {
  const router = new Router();

  router.get('/', async (ctx) => {
    const api = operator(ctx);
    const [overview, bans, audit] = await Promise.all([
      api.overview(),
      api.bans({ status: 'in_force', limit: LATEST }),
      api.audit({}, { limit: READ }),
    ]);
    const words = wordsOf(ctx);
    const view = overviewView(words, overview, bans.bans, doings(audit.events, LATEST));
    show.page(ctx, 'overview', words.t('pages.overview'), view);
  });

  return router;
}
