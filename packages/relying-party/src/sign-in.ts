import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError, localeOf, readQuery, type Log } from '@portcullis/http';
import type { Context } from 'koa';
import * as oidc from 'openid-client';
import type { Jar } from './cookies.ts';
import { explained, type Pages } from './problems.ts';
import type { Provider } from './provider.ts';
import { localPath } from './return-to.ts';
import type { Seal } from './seal.ts';
import { redirect, type AppSession, type Sessions } from './session.ts';
import { isStrongEnough, type Strength } from './step-up.ts';
import type { Tokens } from './tokens.ts';

/** What one sign-in under way must remember, in a cookie of the browser that began it. */
export type Transaction = {
  state: string;
  nonce: string;
  codeVerifier: string;
  returnTo: string;
  silent: boolean;
} & Strength;

type Way = Pick<Transaction, 'returnTo' | 'silent' | keyof Strength>;

type Deps = {
  issuer: string;
  callbackUrl: URL;
  resource: string;
  scope: string;
  /** A sign-in of longer ago is not taken. */
  oldestProofSeconds: number | undefined;
  jar: Jar;
  seal: Seal<Transaction>;
  provider: Provider;
  tokens: Pick<Tokens, 'exchange'>;
  sessions: Pick<Sessions, 'start' | 'keepQuiet'>;
  pages: Pages;
  log: Log;
};

const transactionSeconds = 900;
/** Sign-ins begun and left lying, say in other tabs, beyond which the oldest are forgotten. */
const maxTransactions = 4;
const notSignedIn = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);

export function createSignIn(deps: Deps) {
  const { issuer, callbackUrl, jar, seal, provider, tokens, sessions, pages, log } = deps;
  return { begin, finish };

  /** GET /sign-in?return_to=&silent=1&max_age=&acr_values= */
  async function begin(ctx: Context): Promise<void> {
    const query = readQuery(ctx);
    const strength = strengthOf(query);
    if (!strength) return pages.problem(ctx, explained('invalid_sign_in'), '/');
    const way = { returnTo: localPath(query['return_to']), silent: query['silent'] === '1', ...strength };
    const session = ctx.state['session'] as AppSession | undefined;
    if (session && isStrongEnough(session, way)) return redirect(ctx, way.returnTo);
    try {
      redirect(ctx, await authorizationUrl(ctx, recent(way)));
    } catch (error) {
      fail(ctx, error, way);
    }
  }

  function recent(way: Way): Way {
    const { oldestProofSeconds: oldest } = deps;
    return oldest === undefined ? way : { ...way, maxAgeSeconds: Math.min(way.maxAgeSeconds ?? oldest, oldest) };
  }

  async function authorizationUrl(ctx: Context, way: Way): Promise<string> {
    const configuration = await provider({ heardWithinMs: 1_000 });
    const transaction: Transaction = {
      ...way,
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: callbackUrl.href,
      scope: deps.scope,
      resource: deps.resource,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
      ui_locales: localeOf(ctx),
      ...(way.silent ? { prompt: 'none' } : {}),
      ...(way.maxAgeSeconds === undefined ? {} : { max_age: String(way.maxAgeSeconds) }),
      ...(way.acrValues ? { acr_values: way.acrValues.join(' ') } : {}),
    });
    const left = jar.names(ctx, '_signin_');
    if (left.length >= maxTransactions) for (const suffix of left) jar.clear(ctx, suffix);
    jar.write(ctx, cookieOf(transaction.state), await seal.seal(transaction, transactionSeconds), transactionSeconds);
    return url.href;
  }

  /** GET /callback */
  async function finish(ctx: Context): Promise<void> {
    const query = readQuery(ctx);
    const transaction = await transactionOf(ctx, query['state']);
    if (!transaction) {
      // Back button or a reload after success: nothing is wrong.
      if (ctx.state['session']) return redirect(ctx, '/');
      return fail(ctx, explained('sign_in_expired', new Error('no such sign-in in this browser')), { returnTo: '/' });
    }
    jar.clear(ctx, cookieOf(transaction.state));
    try {
      // Before anything is sent anywhere: an answer of another provider must not carry its code, or ours, across.
      if (query['iss'] !== issuer) throw explained('answer_not_trusted', new Error('iss is missing or not the issuer'));
      const { error } = query;
      if (error !== undefined) return declined(ctx, error, transaction);
      const answer = new URL(`?${ctx.querystring}`, callbackUrl);
      const { session, revocation } = await tokens.exchange(answer, transaction);
      if (revocation) return pages.ended(ctx, revocation);
      await sessions.start(ctx, session);
      redirect(ctx, transaction.returnTo);
    } catch (error) {
      fail(ctx, error, transaction);
    }
  }

  function declined(ctx: Context, error: string, transaction: Transaction): void {
    if (transaction.silent && notSignedIn.has(error)) {
      sessions.keepQuiet(ctx);
      return redirect(ctx, transaction.returnTo);
    }
    const known = { access_denied: 'access_denied', temporarily_unavailable: 'provider_unreachable' } as const;
    const code = error in known ? known[error as keyof typeof known] : 'client_refused';
    throw explained(
      error === 'server_error' ? 'provider_unreachable' : code,
      new Error(`provider: ${error.slice(0, 60)}`),
    );
  }

  async function transactionOf(ctx: Context, state: string | undefined): Promise<Transaction | undefined> {
    if (state === undefined || !/^[\w-]{43}$/.test(state)) return undefined;
    const sealed = jar.read(ctx, cookieOf(state));
    const transaction = sealed === undefined ? undefined : await seal.open(sealed);
    return transaction && isEqual(transaction.state, state) ? transaction : undefined;
  }

  function fail(ctx: Context, error: unknown, way: { returnTo: string; silent?: boolean }): void {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, code: error.code }, 'sign-in failed');
    if (way.silent && error.kind === 'unavailable') {
      // Nobody asked for this sign-in, so nobody wants to hear that it failed.
      sessions.keepQuiet(ctx);
      return redirect(ctx, way.returnTo);
    }
    pages.problem(ctx, error, way.returnTo);
  }
}

/** Numbers and names only: what is asked of the provider is nothing a link from elsewhere could make dangerous. */
function strengthOf({ max_age: maxAge, acr_values: acrValues }: Record<string, string>): Strength | undefined {
  const isGood = (maxAge === undefined || /^\d{1,7}$/.test(maxAge)) && !/[^\w:./ -]|^.{201}/.test(acrValues ?? '');
  if (!isGood) return undefined;
  return {
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
    ...(acrValues && { acrValues: acrValues.split(' ').filter(Boolean) }),
  };
}

function cookieOf(state: string): string {
  return `_signin_${state.slice(0, 12)}`;
}

function isEqual(a: string, b: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(a), digest(b));
}
