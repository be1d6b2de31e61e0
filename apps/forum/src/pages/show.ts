import type { Context } from 'koa';
import { localeOf } from '@portcullis/http';
import type { AppSession, RelyingParty } from '@portcullis/relying-party';
import { createPages, type Chrome } from '@portcullis/ui';
import { type ForumWords, wordsIn } from '#i18n/messages.ts';
import { MODERATOR, type Viewer } from '#threads/viewer.ts';
import { templates, type Views } from './views.ts';

type Deps = { rp: Pick<RelyingParty, 'csrf'>; family: { shop: string; dashboard: string } };

export type Show = ReturnType<typeof createShow>;

/** Answers with a page inside the forum's frame: family bar, navigation, who is signed in. */
export function createShow({ rp, family }: Deps) {
  const render = createPages<Views>(templates, { words: wordsIn });
  // By way of their silent sign-in: who is signed in here is signed in there, anybody else just sees the page.
  const silently = '/sign-in?silent=1&return_to=/';
  const apps = [
    { name: 'Shop', href: new URL(silently, family.shop).href, current: false },
    { name: 'Forum', href: '/', current: true },
    { name: 'Dashboard', href: new URL(silently, family.dashboard).href, current: false },
  ];
  return { page, csrf, viewer, words, signInHref };

  function page<Name extends keyof Views>(ctx: Context, name: Name, title: string, view: Views[Name]): void {
    ctx.type = 'html';
    ctx.body = render(name, { ...view, chrome: chrome(ctx, title) });
  }

  function csrf(ctx: Context): string {
    return rp.csrf.token(ctx);
  }

  /** In the language of the request. */
  function words(ctx: Context): ForumWords {
    return wordsIn(localeOf(ctx));
  }

  function chrome(ctx: Context, title: string): Chrome {
    const session = ctx.state['session'] as AppSession | undefined;
    const { t, locale } = words(ctx);
    return {
      locale,
      title,
      product: 'Forum',
      tone: 'forum',
      width: 'wide',
      apps,
      nav: [{ label: t('pages.categories'), href: '/', current: true }],
      person: session
        ? { name: session.name, signOut: { action: '/sign-out', csrf: csrf(ctx) } }
        : { signInHref: signInHref(ctx) },
    };
  }

  /** Signing in comes back to the page that was being read. */
  function signInHref(ctx: Context): string {
    return `/sign-in?return_to=${encodeURIComponent(ctx.method === 'GET' ? ctx.url : '/')}`;
  }

  function viewer(ctx: Context): Viewer {
    const session = ctx.state['session'] as AppSession | undefined;
    return { sub: session?.sub ?? null, moderates: session?.roles.includes(MODERATOR) ?? false };
  }
}
