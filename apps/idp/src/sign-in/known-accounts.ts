import type { Context } from 'koa';

const lifeMs = 180 * 24 * 3600 * 1000;
const mostPerBrowser = 5;

export type KnownAccounts = ReturnType<typeof createKnownAccounts>;

/** The accounts whose owners asked to stay signed in at this browser: ids in a signed cookie, the latest first. They prove nothing. */
export function createKnownAccounts({ https }: { https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_accounts`;
  return { list, remember, forget };

  function list(ctx: Context): string[] {
    const value = ctx.cookies.get(cookie, { signed: true });
    return value ? value.split('.').slice(0, mostPerBrowser) : [];
  }

  function remember(ctx: Context, accountId: string): void {
    write(ctx, [accountId, ...list(ctx).filter((id) => id !== accountId)].slice(0, mostPerBrowser));
  }

  function forget(ctx: Context, accountId: string): void {
    write(
      ctx,
      list(ctx).filter((id) => id !== accountId),
    );
  }

  function write(ctx: Context, ids: string[]): void {
    const attributes = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
    ctx.cookies.set(cookie, ids.join('.') || null, { ...attributes, ...(ids.length > 0 && { maxAge: lifeMs }) });
  }
}
