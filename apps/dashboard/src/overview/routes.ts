import Router from '@koa/router';
import { ANALYST } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import type { Show } from '#pages/show.ts';
import type { Sources } from '#sources/sources.ts';
import { overviewMessages } from './messages.ts';
import { overviewView } from './views.ts';

type Deps = { sources: Sources; show: Show; family: { shop: string; forum: string } };

export function overviewRoutes({ sources, show, family }: Deps): Router {
  const router = new Router();

  router.get('/', async (ctx) => {
    const session = show.session(ctx);
    const words = show.words(ctx);
    const title = words.t('overview.title');
    if (!session) return show.page(ctx, 'welcome', title, { signInHref: show.signInHref(ctx) });
    const everyone = readQuery(ctx)['of'] === 'everyone';
    const mayEveryone = session.roles.includes(ANALYST);
    if (everyone && !mayEveryone) {
      throw new AppError('forbidden', 'role_required', overviewMessages.en.role_required);
    }
    const { accessToken, name } = session;
    const [orders, posts, threads] = await Promise.all([
      sources.orders(accessToken, everyone),
      sources.posts(accessToken, everyone),
      sources.threads(accessToken, everyone),
    ]);
    const view = overviewView({ words, name, everyone, mayEveryone, now: new Date(), family, orders, posts, threads });
    return show.page(ctx, 'overview', everyone ? words.t('overview.title_everyone') : title, view);
  });

  return router;
}
