import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Pool } from 'pg';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { ArtifactEnds } from './ends.ts';
import { reaching } from './errors.ts';
import type { ParkedSessions } from './parked-sessions.ts';

type Deps = {
  parked: Pick<ParkedSessions, 'list' | 'end'>;
  ends: Pick<ArtifactEnds, 'grant'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
  pool: Pick<Pool, 'query'>;
};
export type SharedSignOut = ReturnType<typeof createSharedSignOut>;

/**
 * Signing out where several people are signed in. The library knows of the current session only: where there is none it
 * asks nobody, everywhere means that one, and whoever leaves an application leaves it as that one.
 */
export function createSharedSignOut({ parked, ends, lookup, pool }: Deps) {
  return { isUnasked, accounts, leaving, answered };

  /** Nobody is current, and the library goes on to sign out without a question: but there are others to be asked. */
  async function isUnasked(ctx: KoaContextWithOIDC): Promise<boolean> {
    const { route, session } = ctx.oidc;
    const isGoingOn = route === 'end_session' && ctx.status === 200 && session && session.accountId === undefined;
    return isGoingOn === true && (await parked.list(ctx)).length > 0;
  }

  /** Whom signing out everywhere signs out, by address; nobody in particular where there is but the current one. */
  async function accounts(ctx: KoaContextWithOIDC): Promise<string[]> {
    const others = (await parked.list(ctx)).map(({ email }) => email);
    const { accountId } = ctx.oidc.session ?? {};
    const current = accountId !== undefined && others.length > 0 ? await lookup.forTokens(accountId) : undefined;
    return current ? [current.email, ...others] : others;
  }

  /** The `sid` of the one who leaves an application, by the application's own word, where that is not the current one. */
  async function leaving(ctx: KoaContextWithOIDC): Promise<string | null> {
    const sid = ctx.oidc.entities.IdTokenHint?.payload['sid'];
    const isParked = typeof sid === 'string' && (await parked.list(ctx)).some(({ uid }) => isPartOf(sid, uid));
    return isParked ? sid : null;
  }

  /** Ends for the others what the library has ended for the current one. */
  async function answered(ctx: KoaContextWithOIDC): Promise<void> {
    const { route, session, params, body } = ctx.oidc;
    if (route !== 'end_session_confirm' || !session || ctx.status !== 303) return;
    if (params?.['logout']) return parked.end(ctx);
    const sid = body?.['sid'];
    const there = (await parked.list(ctx)).find(({ uid }) => typeof sid === 'string' && isPartOf(sid, uid));
    if (!there) return;
    const { rows } = await reaching(() =>
      pool.query<{ id: string }>({
        name: 'grants-of-sid',
        text: `select id from oidc_grant where session_uid = $1 and $1 || '.' || left(id, 16) = $2`,
        values: [there.uid, sid],
      }),
    );
    for (const { id } of rows) await ends.grant(id, 'sign_out');
  }
}

function isPartOf(sid: string, uid: string): boolean {
  return sid.startsWith(`${uid}.`);
}
