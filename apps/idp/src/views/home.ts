import Router from '@koa/router';
import type { Context } from 'koa';

import { chrome } from './chrome.ts';
import type { Pages } from './index.ts';

type Deps = {
  render: Pages['render'];
  /** The person signed in at this browser. */
  signedIn: (ctx: Context) => Promise<{ name: string; email: string } | undefined>;
  /** The applications of the family, as people know them. */
  applications: () => { name: string; href: string }[] | Promise<{ name: string; href: string }[]>;
  signOutHref: string;
};

/** GET /: where somebody ends up who typed our address, or has nowhere else to go back to. */
export function homeRoutes({ render, signedIn, applications, signOutHref }: Deps): Router {
  const router = new Router();
  router.get('/', async (ctx) => {
    const person = (await signedIn(ctx)) ?? null;
    ctx.type = 'html';
    ctx.body = render('home', { chrome: chrome('Home'), person, applications: await applications(), signOutHref });
  });
  return router;
}
