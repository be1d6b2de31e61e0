import type { Context, Middleware } from 'koa';
import { signInHref, type Pages } from './problems.ts';
import { isNavigation, redirect, type AppSession } from './session.ts';

/** What a sign-in must be like. */
export type Strength = {
  /** No longer ago than this. */
  maxAgeSeconds?: number | undefined;
  /** Of one of these authentication context classes, the preferred first. */
  acrValues?: string[] | undefined;
};

const clockToleranceSeconds = 15;

export function isStrongEnough({ authTime, acr }: Pick<AppSession, 'authTime' | 'acr'>, need: Strength): boolean {
  const { maxAgeSeconds, acrValues } = need;
  // A sign-in of this moment is always recent, whatever the clocks say.
  const longest = maxAgeSeconds === undefined ? Infinity : Math.max(maxAgeSeconds, clockToleranceSeconds);
  const isRecent = Date.now() / 1000 - (authTime ?? 0) <= longest;
  return isRecent && (acrValues === undefined || (acr !== undefined && acrValues.includes(acr)));
}

export type StepUp = (need: Strength & { returnTo?: (ctx: Context) => string }) => Middleware;

export function createStepUp({ pages }: { pages: Pick<Pages, 'confirm'> }): StepUp {
  return ({ returnTo, ...need }) =>
    (ctx, next) => {
      const session = ctx.state['session'] as AppSession | undefined;
      if (session && isStrongEnough(session, need)) return next();
      const back = returnTo?.(ctx) ?? (ctx.method === 'GET' ? ctx.url : '/');
      const href = signInHref(back, need);
      return isNavigation(ctx) ? redirect(ctx, href) : pages.confirm(ctx, href);
    };
}
