import type { Context, Middleware } from 'koa';
import type { Verifier } from './verifier.ts';

/**
 * Lets a request through that carries a good access token with these scopes and one of these roles, and puts the token
 * at `ctx.state.token`. Otherwise answers as RFC 6750 says. The token is taken from the Authorization header only.
 */
export function bearer(
  verifier: Pick<Verifier, 'verify'>,
  need: { scopes?: string[]; roles?: string[] } = {},
): Middleware {
  const { scopes = [], roles = [] } = need;
  return async (ctx, next) => {
    const header = ctx.get('Authorization');
    // No token, no error code: the caller may simply not know that one is needed (RFC 6750 section 3.1).
    if (!/^Bearer(\s|$)/i.test(header)) return refuse(ctx, 401);
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
    if (token === undefined) return refuse(ctx, 400, 'invalid_request', 'the Authorization header is malformed');

    const result = await verifier.verify(token);
    if (!result.ok) return refuse(ctx, result.status, result.error, result.description);

    const granted = result.token.scope.split(' ');
    if (!scopes.every((scope) => granted.includes(scope))) {
      return refuse(ctx, 403, 'insufficient_scope', 'the token lacks a scope', scopes.join(' '));
    }
    if (roles.length > 0 && !roles.some((role) => result.token.roles.includes(role))) {
      return refuse(ctx, 403, 'insufficient_scope', 'the account lacks a role');
    }
    ctx.state['token'] = result.token;
    return next();
  };
}

function refuse(ctx: Context, status: number, error?: string, description?: string, scope?: string): void {
  ctx.status = status;
  if (status === 503) ctx.set('Retry-After', '2');
  else {
    const parts = [
      error && `error="${error}"`,
      description && `error_description="${description}"`,
      scope && `scope="${scope}"`,
    ];
    ctx.set('WWW-Authenticate', ['Bearer', parts.filter(Boolean).join(', ')].join(' ').trim());
  }
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: error ?? 'unauthorized', error_description: description ?? 'an access token is needed' };
}
