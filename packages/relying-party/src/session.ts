import { allowFormAction, AppError, localeOf, type Log } from '@portcullis/http';
import type { Introspect } from '@portcullis/resource-server';
import type { Mirror, Revocation, Verdict } from '@portcullis/revocation';
import { decodeJwt } from 'jose';
import type { Context } from 'koa';
import type { Jar } from './cookies.ts';
import { pageWords } from './problem-words.ts';
import { explained, signInHref, type Pages } from './problems.ts';
import type { Seal } from './seal.ts';
import type { SessionClock } from './session-clock.ts';
import type { SingleFlight } from './single-flight.ts';
import type { StoredSession, Tokens } from './tokens.ts';

/** The signed-in person of a request, at `ctx.state.session`; the language of the account is at `ctx.state.locale`. */
export type AppSession = {
  sub: string;
  sid: string;
  name: string;
  email: string;
  roles: string[];
  /** When the person last proved who they are (epoch seconds), and how. */
  authTime?: number;
  acr?: string;
  accessToken: string;
};

type Deps = {
  jar: Jar;
  seal: Seal<StoredSession>;
  clock: SessionClock;
  mirror: Pick<Mirror, 'check'>;
  /** Asked when the mirror does not know. */
  introspect: Introspect | undefined;
  tokens: Pick<Tokens, 'renew'>;
  singleFlight: Pick<SingleFlight, 'renew'>;
  pages: Pages;
  log: Log;
  clientId: string;
  issuer: string;
  /** Our own paths: there an ended session is simply gone, and nothing is renewed. */
  ownPaths: ReadonlySet<string>;
};

/** A session unused for so long needs a new sign-in; every renewal starts the time anew. */
export const idleSeconds = 14 * 24 * 3600;
/** A token this near its end is renewed, so that it lasts for the calls this request makes with it. */
const renewWithinSeconds = 30;
/** Anonymous visitors are not sent to look for a session again for so long. */
const quietSeconds = 60;

export type Sessions = ReturnType<typeof createSessions>;

/** The application's session: an encrypted cookie, checked against the denylist on every request. */
export function createSessions(deps: Deps) {
  const { jar, seal, clock, mirror, tokens, singleFlight, pages, clientId } = deps;
  const endedBy = new WeakMap<Context, Revocation>();
  const ranOut = new WeakSet<Context>();
  const stored = new WeakMap<Context, StoredSession>();
  return { session, required, silent, start, stop, keepQuiet, storedSession: stored.get.bind(stored), ended, timedOut };

  async function session(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
    const cookie = jar.read(ctx, '');
    if (cookie === undefined) return next();
    const kept = await seal.open(cookie);
    if (!kept) {
      jar.clear(ctx, '');
      return next();
    }
    ctx.state['locale'] = kept.locale;
    if (await clock.isOver(ctx, kept.sid)) {
      ranOut.add(ctx);
      stop(ctx);
      return next();
    }
    let current: StoredSession | 'ended';
    try {
      current = deps.ownPaths.has(ctx.path) ? unlessRevoked(ctx, kept) : await bringUpToDate(ctx, kept);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      deps.log.warn({ err: error, code: error.code }, 'session: cannot go on');
      return pages.problem(ctx, error, ctx.method === 'GET' ? ctx.url : '/');
    }
    if (current === 'ended') {
      if (deps.ownPaths.has(ctx.path)) return next();
      return pages.ended(ctx, endedBy.get(ctx));
    }
    stored.set(ctx, current);
    ctx.state['locale'] = current.locale;
    ctx.state['session'] = appSession(ctx, current);
    // The sign-out form of whatever page follows leads on to the provider.
    allowFormAction(ctx, deps.issuer);
    return next();
  }

  /** The session to go on with, renewed where needed. Throws when nobody can say, or nobody can renew. */
  async function bringUpToDate(ctx: Context, kept: StoredSession): Promise<StoredSession | 'ended'> {
    const { verdict, exp } = look(kept);
    const rolesChanged = verdict.state === 'revoked' && verdict.entry.cause === 'roles_changed';
    if (verdict.state === 'revoked' && !rolesChanged) return end(ctx, verdict.entry);
    const left = exp - Date.now() / 1000;
    if (!rolesChanged && left > renewWithinSeconds) return goOn(ctx, kept, verdict);

    // A token of the very second in which the roles changed would be dead as well.
    if (rolesChanged) await secondAfter(verdict.entry.issuedBefore);
    let renewal;
    try {
      renewal = await singleFlight.renew(kept, tokens.renew);
    } catch (error) {
      if (!rolesChanged && left > 0) return goOn(ctx, kept, verdict);
      throw error;
    }
    const after = look(renewal.state === 'renewed' ? renewal.session : kept).verdict;
    if (renewal.state === 'refused') return end(ctx, after.state === 'revoked' ? after.entry : undefined);
    await save(ctx, renewal.session);
    if (after.state === 'revoked' && after.entry.cause !== 'roles_changed') return end(ctx, after.entry);
    return goOn(ctx, renewal.session, after);
  }

  /** With what the mirror says of it; where it cannot say, with what the issuer says, or the application's policy. */
  async function goOn(ctx: Context, current: StoredSession, verdict: Verdict): Promise<StoredSession | 'ended'> {
    if (verdict.state === 'clear') return current;
    if (verdict.state === 'unknown') {
      const active = await deps.introspect?.(current.accessToken).catch(() => undefined);
      if (active === false) return end(ctx, undefined);
      if (active || (verdict.readsAllowed && isReading(ctx))) return current;
    }
    throw explained('denylist_unknown');
  }

  function unlessRevoked(ctx: Context, kept: StoredSession): StoredSession | 'ended' {
    const { verdict } = look(kept);
    return verdict.state === 'revoked' ? end(ctx, verdict.entry) : kept;
  }

  function look({ accessToken, sid, sub }: StoredSession): { verdict: Verdict; exp: number } {
    const { iat = 0, exp = 0, jti = '' } = decodeJwt(accessToken);
    return { verdict: mirror.check({ sub, sid, client_id: clientId, iat, jti }), exp };
  }

  function end(ctx: Context, entry: Revocation | undefined): 'ended' {
    if (entry) endedBy.set(ctx, entry);
    stop(ctx);
    return 'ended';
  }

  async function start(ctx: Context, fresh: StoredSession): Promise<void> {
    await save(ctx, fresh);
    await clock.start(ctx, fresh.sid);
    jar.clear(ctx, '_quiet');
  }

  async function save(ctx: Context, fresh: StoredSession): Promise<void> {
    jar.write(ctx, '', await seal.seal(fresh, idleSeconds));
  }

  /** Ends the session in this browser and keeps it from being taken up again unasked. */
  function stop(ctx: Context): void {
    jar.clear(ctx, '');
    delete ctx.state['session'];
    keepQuiet(ctx);
  }

  function keepQuiet(ctx: Context): void {
    jar.write(ctx, '_quiet', '1', quietSeconds);
  }

  /** No session: pages lead to the sign-in and back, everything else is 401. */
  async function required(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
    if (ctx.state['session']) return next();
    if (timedOut(ctx)) return pages.problem(ctx, explained('session_timed_out'), ctx.method === 'GET' ? ctx.url : '/');
    if (!isNavigation(ctx)) throw new AppError('unauthenticated', 'sign_in_required', 'Please sign in first.');
    return redirect(ctx, signInHref(ctx.url));
  }

  /** Takes up the single sign-on where there is one; whoever is a stranger sees the page as a stranger. */
  async function silent(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
    const mayAsk = !ctx.state['session'] && isNavigation(ctx) && jar.read(ctx, '_quiet') === undefined;
    return mayAsk ? redirect(ctx, `/sign-in?silent=1&return_to=${encodeURIComponent(ctx.url)}`) : next();
  }

  function timedOut(ctx: Context): boolean {
    return ranOut.has(ctx);
  }

  function ended(ctx: Context): Revocation | undefined {
    return endedBy.get(ctx);
  }
}

/** Who is signed in, on a route that `rp.required` guards. */
export function personOf(ctx: Context): AppSession {
  const session = ctx.state['session'] as AppSession | undefined;
  if (!session) throw new Error('a page for signed-in people is not guarded by rp.required');
  return session;
}

/** 303, so that a form is never posted on. */
export function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}

export function isNavigation(ctx: Context): boolean {
  return isReading(ctx) && ctx.accepts('json', 'html') === 'html';
}

function isReading(ctx: Context): boolean {
  return ctx.method === 'GET' || ctx.method === 'HEAD';
}

function appSession(ctx: Context, { sub, sid, email, accessToken, ...stored }: StoredSession): AppSession {
  const name = stored.name || pageWords[localeOf(ctx)].signed_in;
  const claims = decodeJwt<{ roles?: string[]; auth_time?: number; acr?: string }>(accessToken);
  const { roles = [], auth_time: authTime, acr } = claims;
  const strength = { ...(authTime !== undefined && { authTime }), ...(acr !== undefined && { acr }) };
  return { sub, sid, name, email, roles, ...strength, accessToken };
}

/** The ledger rounds up, so it may take two seconds; more only where clocks differ. */
async function secondAfter(second: number | null): Promise<void> {
  const wait = ((second ?? 0) + 1) * 1000 - Date.now() + 5; // timers may fire a little before the clock turns
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 2500)));
}
