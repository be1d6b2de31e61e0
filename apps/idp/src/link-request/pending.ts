import type { Context } from 'koa';
import { z } from 'zod';

const Pending = z.object({ email: z.string(), from: z.string().nullable(), sentAt: z.number(), times: z.number() });
/** `from`: the sign-in that was left for it; `sentAt` in milliseconds; `times`: how often it was asked for. */
export type Pending = z.infer<typeof Pending>;

const lifeMs = 60 * 60 * 1000;
export type PendingRequests = ReturnType<typeof createPendingRequests>;

/** What this browser has asked a link for, kept in a signed cookie: so no page's address names a person. */
export function createPendingRequests({ name, https }: { name: string; https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_${name}`;
  const options = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;

  return { keep, of, forget };

  function keep(ctx: Context, pending: Pending): void {
    const value = Buffer.from(JSON.stringify(pending)).toString('base64url');
    ctx.cookies.set(cookie, value, { ...options, maxAge: lifeMs });
  }

  function of(ctx: Context): Pending | undefined {
    const value = ctx.cookies.get(cookie, { signed: true });
    return value === undefined ? undefined : Pending.parse(JSON.parse(Buffer.from(value, 'base64url').toString()));
  }

  function forget(ctx: Context): void {
    ctx.cookies.set(cookie, null, options);
  }
}

/** The id of a sign-in under way, as `?from=` names it; anything else is nothing. */
export function signInOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w-]{10,64}$/.test(value) ? value : null;
}

/** Back to the sign-in that was left, or to the account, which asks for one. */
export function wayOn(from: string | null | undefined): string {
  return from ? `/sign-in/${from}` : '/account';
}
