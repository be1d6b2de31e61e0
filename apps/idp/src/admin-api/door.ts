import { ADMIN_ACR_VALUES, ADMIN_MAX_AUTH_AGE_SECONDS, ADMIN_SCOPE } from '@portcullis/contracts';
import { AppError, type ErrorKind } from '@portcullis/http';
import { createGuard, type AccessToken, type Verifier } from '@portcullis/resource-server';
import type { Context } from 'koa';
import type { Need } from './route.ts';

const kinds = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  503: 'unavailable',
} as const satisfies Record<number, ErrorKind>;

/** What an access token says that is ours, unexpired and not revoked. */
type Inspected = Omit<AccessToken, 'scope' | 'roles'> & { scope?: string; roles?: string[] };
export type Inspection = { inspect(token: string): Promise<Inspected | undefined> };

/**
 * Lets in who carries a token for this API with the role a route needs, from a sign-in with two factors. The ledger itself
 * is asked whether the token is dead, and not a copy of it: whoever is cut off acts no more from that moment on, and bans
 * can be spoken while Redis is away.
 */
export function createDoor({ inspection, audience }: { inspection: Inspection; audience: string }) {
  const guard = createGuard({ verify }, { realm: audience });
  return { admit };

  /** Throws AppError, its challenge (RFC 6750, RFC 9470) set on the answer. */
  async function admit(ctx: Context, { roles, recentSignIn }: Need): Promise<AccessToken> {
    const decision = await guard.decide(
      { authorization: ctx.get('Authorization'), reading: false },
      {
        scopes: [ADMIN_SCOPE],
        roles: [...roles],
        acrValues: ADMIN_ACR_VALUES,
        ...(recentSignIn && { maxAgeSeconds: ADMIN_MAX_AUTH_AGE_SECONDS }),
      },
    );
    if (decision.ok) return decision.token;
    ctx.set(decision.headers);
    throw new AppError(kinds[decision.status], decision.body.error, decision.body.error_description);
  }

  async function verify(token: string): ReturnType<Verifier['verify']> {
    const claims = await inspection.inspect(token).catch(() => 'unknown' as const);
    if (claims === 'unknown') return unavailable;
    if (!claims) return invalid('the token is not valid, or not any more');
    if (![claims.aud].flat().includes(audience)) return invalid('the token is for another audience');
    return { ok: true, token: { ...claims, scope: claims.scope ?? '', roles: claims.roles ?? [] } };
  }
}

/** PostgreSQL is away: nobody is let in on the word of a copy. */
const unavailable = {
  ok: false,
  status: 503,
  error: 'temporarily_unavailable',
  description: 'whether the token is good cannot be found out for the moment',
} as const;

function invalid(description: string) {
  return { ok: false, status: 401, error: 'invalid_token', description } as const;
}
