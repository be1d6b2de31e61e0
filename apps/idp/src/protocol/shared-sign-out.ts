import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ParkedSessions } from './parked-sessions.ts';

type Deps = { parked: ParkedSessions; ask: (ctx: KoaContextWithOIDC, form: string) => void | Promise<void> };

/**
 * Whoever signs out everywhere takes along everybody who is signed in at this browser. The library knows of the current
 * session only: it asks nobody where there is none, and ends no other.
 */
export function createSharedSignOut({ parked, ask }: Deps) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { route, session, params } = ctx.oidc;
    if (!session) return;
    const isAskedNothing = route === 'end_session' && ctx.status === 200 && session.accountId === undefined;
    if (isAskedNothing && (await parked.list(ctx)).length > 0) await ask(ctx, '');
    if (route === 'end_session_confirm' && params?.['logout'] && 'destroyed' in session) await parked.end(ctx);
  };
}
