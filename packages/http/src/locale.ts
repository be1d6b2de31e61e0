import type { Context } from 'koa';

/** The languages that every page is written in. */
export const locales = ['en', 'de', 'es'] as const;
export type Locale = (typeof locales)[number];

type Reader = Pick<Context, 'acceptsLanguages' | 'vary'>;

/**
 * The first of the wishes that names a language we speak, else what the browser prefers (Accept-Language), else English.
 * A wish is a BCP 47 tag, of which the language counts (`de-AT` is German), or nothing.
 */
export function chooseLocale(ctx: Reader, wishes: (string | null | undefined)[]): Locale {
  const wished = wishes.map(languageOf).find(isLocale);
  if (wished) return wished;
  ctx.vary('Accept-Language');
  const accepted = ctx.acceptsLanguages(...locales);
  return accepted && isLocale(accepted) ? accepted : 'en';
}

/** The language to answer in: the person's own, which whoever opens the session puts at `ctx.state.locale`, else the browser's. */
export function localeOf(ctx: Reader & Pick<Context, 'state'>): Locale {
  return chooseLocale(ctx, [ctx.state['locale'] as string | undefined]);
}

export function isLocale(value: unknown): value is Locale {
  return locales.some((known) => known === value);
}

function languageOf(tag: string | null | undefined): string | undefined {
  return tag?.split('-')[0]?.toLowerCase();
}
