import { type Locale, locales } from '@portcullis/ui';
import type { Context } from 'koa';

/** What else is known beside the browser's own wish. */
type Known = {
  /** `ui_locales` of the authorization request (OpenID Connect Core 3.1.2.1): BCP 47 tags in order, separated by spaces. */
  uiLocales?: string | null;
  /** What the person has chosen for the account. */
  account?: Locale | null;
};

/** `ui_locales`, then the account, then Accept-Language; English where none of them names a language we speak. */
export function localeOf(ctx: Pick<Context, 'acceptsLanguages'>, { uiLocales, account }: Known = {}): Locale {
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
