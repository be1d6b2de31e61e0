import { type Locale, locales } from '@portcullis/ui';
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

/**
 * What the person picked at the foot of a page of ours in this browser; else `ui_locales`, the account, Accept-Language;
 * English where none of them names a language we speak.
 */
export function localeOf(
  ctx: Pick<Context, 'acceptsLanguages' | 'cookies'>,
  { uiLocales, account }: Known = {},
): Locale {
  const picked = ctx.cookies.get(localeCookie, { signed: false });
  if (isLocale(picked)) return picked;
  const asked = (uiLocales ?? '').split(' ').map(languageOf).find(isLocale);
  const accepted = ctx.acceptsLanguages(...locales);
  return asked ?? account ?? (accepted && isLocale(accepted) ? accepted : 'en');
}

export function isLocale(value: unknown): value is Locale {
  return locales.some((known) => known === value);
}

/** `de-AT` → `de`. */
function languageOf(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? '';
}
