import { type Csrf, localeOf, type Log } from '@portcullis/http';
import type { Context } from 'koa';
import * as oidc from 'openid-client';
import type { Pages } from './problems.ts';
import type { Provider } from './provider.ts';
import { redirect, type Sessions } from './session.ts';
import type { Tokens } from './tokens.ts';

type Deps = {
  signedOutUrl: URL;
  csrf: Csrf;
  provider: Provider;
  tokens: Pick<Tokens, 'revoke'>;
  sessions: Pick<Sessions, 'stop' | 'keepQuiet' | 'storedSession'>;
  pages: Pages;
  log: Log;
};

export function createSignOut({ signedOutUrl, csrf, provider, tokens, sessions, pages, log }: Deps) {
  return { signOut, done };

  /**
   * POST /sign-out. Ends the session here, whatever happens next, and goes on to the provider, which asks whether the
   * sign-out is meant for this application or for everything. No token travels in the address.
   */
  async function signOut(ctx: Context): Promise<void> {
    const session = sessions.storedSession(ctx);
    if (!session) return redirect(ctx, signedOutUrl.pathname);
    await csrf.protect(ctx, async () => {
      const everywhere = isTicked(ctx.request.body);
      sessions.stop(ctx);
      tokens.revoke(session).catch((error: unknown) => log.info({ err: error }, 'sign-out: tokens not revoked'));
      try {
        const url = oidc.buildEndSessionUrl(await provider(), {
          logout_hint: session.sub,
          post_logout_redirect_uri: signedOutUrl.href,
          ui_locales: localeOf(ctx),
          ...(everywhere ? { everywhere: '1' } : {}),
        });
        redirect(ctx, url.href);
      } catch (error) {
        log.warn({ err: error }, 'sign-out: the provider could not be told');
        pages.signedOut(ctx, false);
      }
    });
  }

  /** GET /signed-out, where the provider sends people back to. */
  async function done(ctx: Context): Promise<void> {
    sessions.keepQuiet(ctx);
    pages.signedOut(ctx, true);
  }
}

function isTicked(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'everywhere' in body && body.everywhere !== '';
}
