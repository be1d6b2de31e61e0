import Router from '@koa/router';
import { localeOf } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Locale } from '@portcullis/ui';
import type { Context } from 'koa';

import { chrome } from './chrome.ts';
import type { Pages } from './index.ts';

type Deps = {
  render: Pages['render'];
  /** The person signed in at this browser. */
  signedIn: (ctx: Context) => Promise<{ name: string; email: string; locale: Locale | null } | undefined>;
  /** The addresses of who else is. */
  alsoSignedIn: (ctx: Context) => Promise<string[]>;
  /** The applications of the family, as people know them. */
  applications: () => { name: string; href: string }[] | Promise<{ name: string; href: string }[]>;
  switchHref: string;
  signOutHref: string;
};

/** GET /: where somebody ends up who typed our address, or has nowhere else to go back to. */
export function homeRoutes({ render, signedIn, alsoSignedIn, applications, switchHref, signOutHref }: Deps): Router {
  const router = new Router();
  router.get('/', async (ctx) => {
    const person = (await signedIn(ctx)) ?? null;
    const { t, locale } = wordsIn(localeOf(ctx, { account: person?.locale }));
    ctx.type = 'html';
    ctx.body = render('home', {
      chrome: chrome(t('views.home_title'), locale),
      person,
      others: await alsoSignedIn(ctx),
      applications: await applications(),
      switchHref,
      signOutHref,
    });
  });
  return router;
}
