import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import helmet from 'helmet';

const CSP = 'Content-Security-Policy';

/**
 * Sets the headers of R-60 before anything else answers, so that they are also on what oidc-provider writes.
 * Cache-Control is no-store until a route says otherwise.
 */
export function securityHeaders(options: { https: boolean; formActions: string[]; images: string[] }): Middleware {
  const csp = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' data:", ...options.images].join(' '),
    "connect-src 'self'",
    ["form-action 'self'", ...options.formActions].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const others = headersOf(
    helmet({
      contentSecurityPolicy: false,
      strictTransportSecurity: options.https && { maxAge: 31_536_000, includeSubDomains: false },
      xFrameOptions: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  );
  return (ctx, next) => {
    ctx.set(CSP, csp);
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
    for (const [name, value] of others) ctx.res.setHeader(name, value);
    return next();
  };
}

/** What helmet sets does not depend on the request, so it is asked once and not for every answer. */
function headersOf(middleware: ReturnType<typeof helmet>): [string, string][] {
  const headers: [string, string][] = [];
  const recorder = { setHeader: (name: string, value: string) => headers.push([name, value]), removeHeader: () => {} };
  middleware({} as IncomingMessage, recorder as unknown as ServerResponse, () => {});
  return headers;
}

/**
 * Lets this response's form reach the application of the running flow: browsers apply form-action to the
 * redirects that follow a POST too. Takes an origin or a whole redirect URI.
 */
export function allowFormAction(ctx: Context, origin: string): void {
  const url = new URL(origin);
  // A native application's private-use scheme has no origin; CSP names it by its scheme.
  const source = url.origin === 'null' ? url.protocol : url.origin;
  const csp = ctx.response.get(CSP);
  if (!csp.includes(` ${source}`)) ctx.set(CSP, csp.replace('form-action', `form-action ${source}`));
}

/** Lets this one page show an image that lives elsewhere. */
export function allowImage(ctx: Context, url: string): void {
  const csp = ctx.response.get(CSP);
  ctx.set(CSP, csp.replace('img-src', `img-src ${new URL(url).origin}`));
}
