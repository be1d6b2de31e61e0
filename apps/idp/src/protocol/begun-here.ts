import type { Context } from 'koa';

/** Sign-ins begun in other tabs and left lying, beyond which the oldest are forgotten. */
const mostPerBrowser = 8;

/**
 * Which interactions this browser began, in a cookie that no other host can plant (`__Host-`). The library's own can be
 * planted by a neighbouring host, since their paths are not the root: whoever did so could have somebody sign in for them
 * (A-20, R-30).
 */
export function createBegunHere({ https }: { https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_sign_ins`;
  return { add, has };

  function add(ctx: Pick<Context, 'cookies'>, uid: string): void {
    const uids = [uid, ...list(ctx)].slice(0, mostPerBrowser);
    const attributes = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
    ctx.cookies.set(cookie, uids.join('.'), attributes);
  }

  function has(ctx: Pick<Context, 'cookies'>, uid: string): boolean {
    return list(ctx).includes(uid);
  }

  function list(ctx: Pick<Context, 'cookies'>): string[] {
    return ctx.cookies.get(cookie, { signed: true })?.split('.') ?? [];
  }
}
