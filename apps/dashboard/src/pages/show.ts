import type { Context } from 'koa';
import { localeOf } from '@portcullis/http';
import type { AppSession, RelyingParty } from '@portcullis/relying-party';
import { createPages, type Chrome } from '@portcullis/ui';
import { type DashboardWords, wordsIn } from '#i18n/messages.ts';
import { silently } from './silently.ts';
import { partials, templates, type Views } from './views.ts';

type Deps = { rp: Pick<RelyingParty, 'csrf'>; family: { shop: string; forum: string } };

export type Show = ReturnType<typeof createShow>;

/** Answers with a page inside the dashboard's frame: family bar, who is signed in. */
export function createShow({ rp, family }: Deps) {
  const render = createPages<Views>(templates, { partials, words: wordsIn });
  const apps = [
    { name: 'Shop', href: silently(family.shop), current: false },
    { name: 'Forum', href: silently(family.forum), current: false },
    { name: 'Dashboard', href: '/', current: true },
  ];
  return { page, session, signInHref, words };

  function page<Name extends keyof Views>(ctx: Context, name: Name, title: string, view: Views[Name]): void {
    ctx.type = 'html';
    ctx.body = render(name, { ...view, chrome: chrome(ctx, title) });
  }

  function chrome(ctx: Context, title: string): Chrome {
    const signedIn = session(ctx);
    return {
      locale: localeOf(ctx),
      title,
      product: 'Dashboard',
      tone: 'dashboard',
      width: 'wide',
      apps,
      person: signedIn
        ? { name: signedIn.name, signOut: { action: '/sign-out', csrf: rp.csrf.token(ctx) } }
        : { signInHref: signInHref(ctx) },
    };
  }

  /** In the language of the request. */
  function words(ctx: Context): DashboardWords {
    return wordsIn(localeOf(ctx));
  }

  function session(ctx: Context): AppSession | undefined {
    return ctx.state['session'] as AppSession | undefined;
  }

  /** Signing in comes back to the page that was asked for. */
  function signInHref(ctx: Context): string {
    return `/sign-in?return_to=${encodeURIComponent(ctx.url)}`;
  }
}
