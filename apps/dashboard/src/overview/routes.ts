import Router from '@koa/router';
import { ANALYST } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import type { Show } from '#pages/show.ts';
import type { Sources } from '#sources/sources.ts';
import { overviewView } from './views.ts';

type Deps = { sources: Sources; show: Show; family: { shop: string; forum: string } };

export function overviewRoutes({ sources, show, family }: Deps): Router {
  const router = new Router();

  router.get('/', async (ctx) => {
    const session = show.session(ctx);
    if (!session) return show.page(ctx, 'welcome', 'Your figures', { signInHref: show.signInHref(ctx) });
    const everyone = readQuery(ctx)['of'] === 'everyone';
    const mayEveryone = session.roles.includes(ANALYST);
    if (everyone && !mayEveryone) {
      throw new AppError('forbidden', 'role_required', `Everyone's figures are for the role ${ANALYST}.`);
    }
    const { accessToken, name } = session;
    const [orders, posts, threads] = await Promise.all([
      sources.orders(accessToken, everyone),
      sources.posts(accessToken, everyone),
      sources.threads(accessToken, everyone),
    ]);
    const view = overviewView({ name, everyone, mayEveryone, now: new Date(), family, orders, posts, threads });
    return show.page(ctx, 'overview', everyone ? 'Everyone' : 'Your figures', view);
  });

  return router;
}
