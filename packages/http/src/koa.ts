import { randomUUID } from 'node:crypto';
import Koa, { type Middleware } from 'koa';
import type { Secret } from '@portcullis/config';
import { cookieSigner } from './cookie-signer.ts';
import { errors, requestIdOf, type AnyErrorPage } from './errors.ts';
import type { Log } from './log.ts';
import { securityHeaders } from './security-headers.ts';

export type KoaOptions = {
  log: Log;
  /** How many proxies of ours stand in front: only that many X-Forwarded-For entries are believed. */
  trustedHops: number;
  keys?: Secret[];
  /** Whether people reach us by https. The scheme is configuration; no header decides it. */
  https: boolean;
  errorPage: AnyErrorPage;
  /** Further sources of the CSP's form-action, for every response. */
  formActions?: string[];
  /** Further sources of the CSP's img-src, for every response. */
  images?: string[];
};

/** A Koa that already has, in order: request id, one log line per request, security headers, errors → page or JSON. */
export function createKoa(options: KoaOptions): Koa {
  const koa = new Koa({ proxy: options.trustedHops > 0, maxIpsCount: options.trustedHops });
  if (options.keys) koa.keys = cookieSigner(options.keys);
  koa.on('error', (error: unknown) => options.log.error({ err: error }, 'request failed outside the handlers'));
  fixScheme(koa, options.https);
  koa.use(requestId);
  koa.use(requestLog(options.log));
  koa.use(
    securityHeaders({ https: options.https, formActions: options.formActions ?? [], images: options.images ?? [] }),
  );
  koa.use(errors({ log: options.log, errorPage: options.errorPage }));
  return koa;
}

/** The scheme is configuration, for every request of this koa and, by the raw header, for one inside it (oidc-provider). */
function fixScheme(koa: Koa, https: boolean): void {
  const protocol = https ? 'https' : 'http';
  Object.defineProperty(koa.request, 'protocol', { get: () => protocol });
  koa.use((ctx, next) => {
    ctx.req.headers['x-forwarded-proto'] = protocol;
    return next();
  });
}

const requestId: Middleware = (ctx, next) => {
  const given = ctx.get('X-Request-Id');
  const id = ctx.app.proxy && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
  ctx.state['requestId'] = id;
  ctx.set('X-Request-Id', id);
  return next();
};

/**
 * The path only: a query may carry codes and tokens. Probes, assets and what a handler marks as `routine` in ctx.state
 * are noise unless one is looking for them.
 */
function requestLog(log: Log): Middleware {
  return (ctx, next) => {
    const started = performance.now();
    const { path, method, ip } = ctx;
    // On close, not after next(): what oidc-provider or a stream writes is complete only then.
    ctx.res.once('close', () => {
      const isRoutine = ctx.state['routine'] === true || /^\/(health|metrics|assets)\//.test(`${path}/`);
      const level = isRoutine ? 'debug' : 'info';
      log[level](
        {
          requestId: requestIdOf(ctx),
          method,
          path,
          status: ctx.res.statusCode,
          ms: Math.round((performance.now() - started) * 10) / 10,
          ip,
          ...(ctx.res.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    return next();
  };
}
