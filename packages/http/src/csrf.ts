import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@portcullis/config';
import type { Context, Middleware } from 'koa';
import { AppError } from './app-error.ts';

type Options = {
  key: Secret;
  /** Our own origin, as people see it. */
  origin: string;
  cookie: { name: string; secure: boolean };
  /** What identifies the signed-in session of this request: a token of another session is refused. */
  sessionOf?: (ctx: Context) => string | undefined;
};

export type Csrf = { token(ctx: Context): string; protect: Middleware };

/**
 * Cross-site request forgery. A form carries `csrf`: HMAC(key, browser cookie, session), so a token
 * works only in the browser and the session it was printed for. It does not age: a page may idle.
 */
export function createCsrf({ key, origin, cookie, sessionOf = () => undefined }: Options): Csrf {
  const signingKey = createSecretKey(Buffer.from(key.reveal()));
  return { token, protect };

  /** The value for the hidden field `csrf`. Sets the browser cookie where there is none. */
  function token(ctx: Context): string {
    return sign(browserOf(ctx) ?? newBrowser(ctx), sessionOf(ctx)).toString('base64url');
  }

  /** After the body parser. Takes `csrf` out of the body, so that closed schemas need not name it. */
  async function protect(ctx: Context, next: () => Promise<unknown>): Promise<void> {
    if (!isFromOurPages(ctx, origin)) throw refusal('cross_site_request', 'the request came from another site');
    const browser = browserOf(ctx);
    if (!browser) throw refusal('csrf_cookie_missing', 'no browser cookie');
    const given = Buffer.from(takeToken(ctx) ?? '', 'base64url');
    const expected = sign(browser, sessionOf(ctx));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refusal('csrf_token_mismatch', 'token of another browser or session, or none');
    }
    await next();
  }

  function browserOf(ctx: Context): string | undefined {
    const value = ctx.state[cookie.name] ?? ctx.cookies.get(cookie.name);
    return typeof value === 'string' && /^[\w-]{43}$/.test(value) ? value : undefined;
  }

  function newBrowser(ctx: Context): string {
    const value = randomBytes(32).toString('base64url');
    ctx.state[cookie.name] = value; // two forms on one page share it
    ctx.cookies.set(cookie.name, value, {
      httpOnly: true,
      sameSite: 'lax',
      secure: cookie.secure,
      path: '/',
      signed: false,
    });
    return value;
  }

  function sign(browser: string, session: string | undefined): Buffer {
    return createHmac('sha256', signingKey)
      .update(`csrf:${browser}:${session ?? ''}`)
      .digest();
  }
}

/**
 * Our own pages carry Referrer-Policy no-referrer, for which browsers send `Origin: null` even to ourselves: then
 * Sec-Fetch-Site has to speak for the request. A client that sends neither is no browser and needs the token anyway.
 */
function isFromOurPages(ctx: Context, origin: string): boolean {
  const from = ctx.get('Origin');
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '' && site !== 'same-origin') return false;
  if (from === 'null') return site === 'same-origin';
  return from === '' || from === origin;
}

function takeToken(ctx: Context): string | undefined {
  const body: unknown = ctx.request.body;
  if (typeof body === 'object' && body !== null && 'csrf' in body && typeof body.csrf === 'string') {
    const { csrf, ...rest } = body;
    ctx.request.body = rest;
    return csrf;
  }
  return ctx.get('X-CSRF-Token') || undefined;
}

function refusal(code: string, log: string): AppError {
  return new AppError(
    'forbidden',
    code,
    'You may have signed in or out in the meantime. Go back, reload the page and send the form again.',
    { log, title: 'This form is no longer valid' },
  );
}
