import Router from '@koa/router';
import type { Secret } from '@portcullis/config';
import { createCsrf, readForm, type Csrf, type Log, type ErrorPage } from '@portcullis/http';
import type { Introspect, Verifier } from '@portcullis/resource-server';
import type { Mirror, Revocation } from '@portcullis/revocation';
import type { Context, Middleware } from 'koa';
import { createBackchannelLogout } from './backchannel-logout.ts';
import { createJar } from './cookies.ts';
import { createExpressDoor, type ExpressDoor } from './express.ts';
import { createPages } from './problems.ts';
import { createProvider } from './provider.ts';
import { createSeal } from './seal.ts';
import { createSessionClock, type SessionLimits, type SessionTimes } from './session-clock.ts';
import { createSessions, idleSeconds, type AppSession } from './session.ts';
import { createSignIn, type Transaction } from './sign-in.ts';
import { createSignOut } from './sign-out.ts';
import { createSingleFlight } from './single-flight.ts';
import { createStepUp, type StepUp } from './step-up.ts';
import { createTokens, type Renewal, type StoredSession } from './tokens.ts';

export type RelyingPartyOptions = {
  issuer: string;
  clientId: string;
  clientSecret: Secret;
  /** Where people reach this application; `https` decides over `__Host-` and Secure. */
  baseUrl: string;
  resource: string;
  scope: string;
  /** The first key seals, all of them open. */
  cookie: { name: string; keys: Secret[] };
  mirror: Pick<Mirror, 'check' | 'add' | 'onKeysChanged'>;
  /** Asked when the mirror does not know. */
  introspect?: Introspect;
  /**
   * Sessions that run out, and sign-ins that come of no proof older than `idleSeconds`: else whoever sits down at a
   * browser that was left alone would be let in again unasked. Without limits a session lasts while it is used, and
   * for two weeks without use.
   */
  limits?: SessionLimits;
  /** Of ID tokens and logout tokens, as this client is registered; ES256 if not said. */
  signingAlgorithm?: 'ES256' | 'RS256';
  /** Where instances agree on who renews a session. Without it each instance is on its own. */
  redisUrl?: string;
  log: Log;
  problemPage: ErrorPage;
  verifier: Pick<Verifier, 'verify'>;
};

export type RelyingParty = {
  /**
   * GET /sign-in?return_to=&silent=1&max_age=&acr_values=, GET /callback, POST /sign-out, GET /signed-out,
   * POST /backchannel-logout; mount after `session`.
   */
  routes(): Router;
  /** Puts the person at `ctx.state.session`. A session that was revoked is answered here, with the reason. */
  session: Middleware;
  /** No session: a page leads to the sign-in, anything else is 401. */
  required: Middleware;
  /** For public pages: takes up the single sign-on where there is one, once in a while and without a word. */
  silent: Middleware;
  /**
   * The person signed in lately enough, or strongly enough; otherwise they are led to do so and back to `returnTo`
   * (this page, if not said). Guards the page with the form as well as what the form is sent to.
   */
  stepUp: StepUp;
  /** All of this for Express. */
  express(): ExpressDoor;
  csrf: Csrf;
  /** The entry that ended the session in this very request. */
  ended(ctx: Context): Revocation | undefined;
  /** This very request came with a session that had reached its limits. */
  timedOut(ctx: Context): boolean;
} & AsyncDisposable;

/** Everything an application needs to let people sign in with the identity provider. */
export function createRelyingParty(o: RelyingPartyOptions): RelyingParty {
  const { issuer, clientId, clientSecret, resource, scope, log, verifier, mirror, signingAlgorithm = 'ES256' } = o;
  const { origin, protocol } = new URL(o.baseUrl);
  const https = protocol === 'https:';
  const [key] = o.cookie.keys;
  if (!key) throw new Error('at least one cookie key is needed');
  const ownPaths = new Set(['/sign-in', '/callback', '/sign-out', '/signed-out', '/backchannel-logout']);

  const jar = createJar({ name: o.cookie.name, https });
  const pages = createPages(o.problemPage);
  const provider = createProvider({ issuer, clientId, clientSecret, signingAlgorithm });
  const tokens = createTokens({ provider, verifier, clientId, resource });
  const singleFlight = createSingleFlight({
    redisUrl: o.redisUrl,
    clientId,
    seal: createSeal<Renewal>(o.cookie.keys, `renewal 1 ${clientId}`),
    log,
  });
  const sessions = createSessions({
    jar,
    seal: createSeal<StoredSession>(o.cookie.keys, `session 1 ${clientId}`),
    clock: createSessionClock({
      jar,
      seal: createSeal<SessionTimes>(o.cookie.keys, `session times 1 ${clientId}`),
      limits: o.limits,
    }),
    mirror,
    introspect: o.introspect,
    tokens,
    singleFlight,
    pages,
    log,
    clientId,
    issuer,
    ownPaths,
  });
  const csrf = createCsrf({
    key,
    origin,
    cookie: { name: `${https ? '__Host-' : ''}${o.cookie.name}_browser`, secure: https },
    sessionOf: (ctx) => (ctx.state['session'] as AppSession | undefined)?.sid,
  });
  const signIn = createSignIn({
    issuer,
    callbackUrl: new URL('/callback', origin),
    resource,
    scope,
    oldestProofSeconds: o.limits?.idleSeconds,
    jar,
    seal: createSeal<Transaction>(o.cookie.keys, `sign-in 1 ${clientId}`),
    provider,
    tokens,
    sessions,
    pages,
    log,
  });
  const signOut = createSignOut({
    signedOutUrl: new URL('/signed-out', origin),
    csrf,
    provider,
    tokens,
    sessions,
    pages,
    log,
  });

  const backchannelLogout = createBackchannelLogout({
    issuer,
    clientId,
    algorithm: signingAlgorithm,
    sessionSeconds: idleSeconds,
    provider,
    mirror,
    log,
  });

  const stepUp = createStepUp({ pages });

  return {
    routes,
    stepUp,
    express: () =>
      createExpressDoor({
        ...sessions,
        routes: routes().routes() as Middleware,
        stepUp,
        protect: (ctx, next) => csrf.protect(ctx, next),
        token: (ctx) => csrf.token(ctx),
        https,
        log,
        problemPage: o.problemPage,
      }),
    csrf,
    session: sessions.session,
    required: sessions.required,
    silent: sessions.silent,
    ended: sessions.ended,
    timedOut: sessions.timedOut,
    [Symbol.asyncDispose]: () => singleFlight[Symbol.asyncDispose](),
  };

  function routes(): Router {
    const router = new Router();
    router.get('/sign-in', signIn.begin);
    router.get('/callback', signIn.finish);
    router.post('/sign-out', readForm, signOut.signOut);
    router.get('/signed-out', signOut.done);
    router.post('/backchannel-logout', backchannelLogout);
    return router;
  }
}
