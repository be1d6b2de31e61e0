import type { Context } from 'koa';
import { localeOf } from '@portcullis/http';
import type { AppSession, RelyingParty } from '@portcullis/relying-party';
import { createPages, type Chrome } from '@portcullis/ui';
import { countItems } from '#basket/basket.ts';
import type { BasketCookie } from '#basket/cookie.ts';
import { type ShopWords, wordsIn } from '#i18n/messages.ts';
import { templates, type Views } from './views.ts';

type Deps = {
  rp: Pick<RelyingParty, 'csrf'>;
  basket: Pick<BasketCookie, 'read'>;
  family: { forum: string; dashboard: string };
};

/** Where each page stands in the navigation: a refused form is shown as the page it came from. */
const SECTION = {
  catalogue: 'catalogue',
  product: 'catalogue',
  basket: 'basket',
  checkout: 'basket',
  orders: 'orders',
  order: 'orders',
} as const satisfies Record<keyof Views, string>;

export type Show = ReturnType<typeof createShow>;

/** Answers with a page inside the shop's frame: family bar, navigation, who is signed in. */
export function createShow({ rp, basket, family }: Deps) {
  const render = createPages<Views>(templates, { words: wordsIn });
  // By way of their silent sign-in: who is signed in here is signed in there, anybody else just sees the page.
  const silently = '/sign-in?silent=1&return_to=/';
  const apps = [
    { name: 'Shop', href: '/', current: true },
    { name: 'Forum', href: new URL(silently, family.forum).href, current: false },
    { name: 'Dashboard', href: new URL(silently, family.dashboard).href, current: false },
  ];
  return { page, csrf, words };

  function page<Name extends keyof Views>(ctx: Context, name: Name, title: string, view: Views[Name]): void {
    ctx.type = 'html';
    ctx.body = render(name, { ...view, chrome: chrome(ctx, name, title) });
  }

  function csrf(ctx: Context): string {
    return rp.csrf.token(ctx);
  }

  /** In the language of the request. */
  function words(ctx: Context): ShopWords {
    return wordsIn(localeOf(ctx));
  }

  function chrome(ctx: Context, name: keyof Views, title: string): Chrome {
    const session = ctx.state['session'] as AppSession | undefined;
    const { t, locale } = words(ctx);
    const items = countItems(basket.read(ctx));
    return {
      locale,
      title,
      product: 'Shop',
      tone: 'shop',
      width: 'wide',
      apps,
      nav: [
        { label: t('pages.catalogue'), href: '/', current: SECTION[name] === 'catalogue' },
        {
          label: t('pages.basket'),
          href: '/basket',
          current: SECTION[name] === 'basket',
          ...(items && { badge: String(items) }),
        },
        { label: t('pages.my_orders'), href: '/orders', current: SECTION[name] === 'orders' },
      ],
      person: session
        ? { name: session.name, signOut: { action: '/sign-out', csrf: csrf(ctx) } }
        : { signInHref: `/sign-in?return_to=${encodeURIComponent(ctx.method === 'GET' ? ctx.url : '/')}` },
    };
  }
}
