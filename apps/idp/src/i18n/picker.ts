import Router from '@koa/router';
import { isLocale } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';
import type { Context } from 'koa';
import { localeCookie } from './locale.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

export function languageHref(locale: Locale): string {
  return `/language/${locale}`;
}

/** The language of this browser from now on, before everything an application or an account says. */
function pickLocale(ctx: Context, locale: Locale, { secure }: { secure: boolean }): void {
  ctx.cookies.set(localeCookie, locale, { httpOnly: true, sameSite: 'lax', secure, maxAge: YEAR_MS, signed: false });
}

/** What was picked in this browser counts no more: whoever has just chosen for the account wants to see that. */
export function forgetPickedLocale(ctx: Context): void {
  ctx.cookies.set(localeCookie, null, { httpOnly: true, sameSite: 'lax', signed: false });
}

/**
 * GET /language/de: remembers the choice and goes back to the page the link was on. Nothing but a page of ours can choose
 * or be returned to: the browser names it (Referer), which these links alone allow.
 */
export function languageRoutes({ issuer }: { issuer: string }): Router {
  const router = new Router();
  router.get('/language/:locale', (ctx) => {
    const { locale } = ctx.params;
    if (!isLocale(locale)) return;
    const from = URL.canParse(ctx.get('Referer')) ? new URL(ctx.get('Referer')) : undefined;
    const isOurs = from?.origin === issuer;
    if (isOurs) pickLocale(ctx, locale, { secure: issuer.startsWith('https:') });
    ctx.status = 303;
    ctx.redirect(isOurs ? from.pathname + from.search : '/');
  });
  return router;
}
