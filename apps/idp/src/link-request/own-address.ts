import type { Context } from 'koa';

const lifeMs = 10 * 60 * 1000;
export type OwnAddress = ReturnType<typeof createOwnAddress>;

/** The address whose letter was just opened at this browser, in a signed cookie: the sign-in page fills it in. It proves nothing. */
export function createOwnAddress({ https }: { https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_own_address`;
  return { remember, of };

  function remember(ctx: Context, email: string): void {
    const value = Buffer.from(email).toString('base64url');
    const options = { signed: true, httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
    ctx.cookies.set(cookie, value, { ...options, maxAge: lifeMs });
  }

  function of(ctx: Context): string | undefined {
    const value = ctx.cookies.get(cookie, { signed: true });
    return value && Buffer.from(value, 'base64url').toString();
  }
}
