import type { Context } from 'koa';

/** Browsers keep 4,096 bytes of name, value and attributes. */
const chunkLength = 3800;
const maxChunks = 4;

export type Jar = ReturnType<typeof createJar>;

/** The application's cookies: `__Host-` and Secure under https, long values in several pieces. */
export function createJar({ name, https }: { name: string; https: boolean }) {
  const full = (suffix: string) => `${https ? '__Host-' : ''}${name}${suffix}`;
  return { read, write, clear, names };

  function read(ctx: Context, suffix: string): string | undefined {
    const whole = ctx.cookies.get(full(suffix), { signed: false });
    if (whole !== undefined) return whole;
    let value = '';
    for (let i = 0; i < maxChunks; i += 1) {
      const chunk = ctx.cookies.get(full(`${suffix}.${i}`), { signed: false });
      if (chunk === undefined) break;
      value += chunk;
    }
    return value || undefined;
  }

  /** Without `lifeSeconds` the cookie goes with the browser session. */
  function write(ctx: Context, suffix: string, value: string, lifeSeconds?: number): void {
    const chunks = value.match(new RegExp(`.{1,${chunkLength}}`, 'gs')) ?? [];
    if (chunks.length > maxChunks) throw new Error(`the cookie ${name}${suffix} would be too long`);
    clear(ctx, suffix);
    if (chunks.length === 1) set(ctx, full(suffix), value, lifeSeconds);
    else for (const [i, chunk] of chunks.entries()) set(ctx, full(`${suffix}.${i}`), chunk, lifeSeconds);
  }

  /** Removes what the browser has sent of it, in one piece or several. */
  function clear(ctx: Context, suffix: string): void {
    const pieces = [full(suffix), ...Array.from({ length: maxChunks }, (_, i) => full(`${suffix}.${i}`))];
    for (const piece of pieces) {
      if (ctx.cookies.get(piece, { signed: false }) !== undefined) set(ctx, piece, null);
    }
  }

  /** The suffixes of this application's cookies that begin so. */
  function names(ctx: Context, suffix: string): string[] {
    const sent = ctx.get('Cookie').split(/; */);
    return sent
      .map((pair) => pair.split('=')[0] ?? '')
      .filter((each) => each.startsWith(full(suffix)))
      .map((each) => each.slice(full('').length));
  }

  function set(ctx: Context, cookie: string, value: string | null, lifeSeconds?: number): void {
    ctx.cookies.set(cookie, value, {
      httpOnly: true,
      sameSite: 'lax',
      secure: https,
      path: '/',
      signed: false,
      overwrite: true,
      ...(lifeSeconds === undefined ? {} : { maxAge: lifeSeconds * 1000 }),
    });
  }
}
