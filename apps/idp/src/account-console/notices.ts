import type { Context } from 'koa';
import type { IdpWords } from '#i18n/messages.ts';

export type Notice = Extract<Parameters<IdpWords['t']>[0], `account.done_${string}`>;
export type Notices = ReturnType<typeof createNotices>;

/** What an act came to, told once on the page that comes after it, whichever node serves that. */
export function createNotices({ https }: { https: boolean }) {
  const name = `${https ? '__Host-' : ''}portcullis_notice`;
  const attributes = {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    secure: https,
    path: '/',
    overwrite: true,
  } as const;
  return { leave, take };

  function leave(ctx: Context, notice: Notice): void {
    ctx.cookies.set(name, notice, { ...attributes, maxAge: 60_000 });
  }

  function take(ctx: Context): Notice | undefined {
    const notice = ctx.cookies.get(name, { signed: true });
    if (notice !== undefined) ctx.cookies.set(name, null, attributes);
    return notice as Notice | undefined; // signed: it is one of ours
  }
}
