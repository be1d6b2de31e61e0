import { chooseLocale } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';
import type { Context } from 'koa';

/** What else is known beside the browser's own wish. */
type Known = {
  /** `ui_locales` of the authorization request (OpenID Connect Core 3.1.2.1): BCP 47 tags in order, separated by spaces. */
  uiLocales?: string | null | undefined;
  /** What the person has chosen for the account. */
  account?: Locale | null | undefined;
};

/** What the browser keeps of the choice at the foot of the pages. */
export const localeCookie = 'portcullis_locale';

/** The address of a page of ours, which then speaks this language to whoever has not picked another. */
export function inLanguage(address: string, locale: Locale): string {
  return `${address}${address.includes('?') ? '&' : '?'}ui_locales=${locale}`;
}

/**
 * What the person picked at the foot of a page of ours in this browser; else `ui_locales`, be it in the address of the page
 * itself, the account, Accept-Language; English where none of them names a language we speak.
 */
export function localeOf(
  ctx: Pick<Context, 'acceptsLanguages' | 'cookies' | 'query' | 'vary'>,
  { uiLocales, account }: Known = {},
): Locale {
  const picked = ctx.cookies.get(localeCookie, { signed: false });
  const asked = uiLocales ?? [ctx.query['ui_locales'] ?? ''].flat().join(' ');
  return chooseLocale(ctx, [picked, ...asked.split(' '), account]);
}
