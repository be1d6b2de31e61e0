import { AppError, requestIdOf, type ErrorKind, type Problem } from '@portcullis/http';
import type { Revocation } from '@portcullis/revocation';
import type { Context } from 'koa';
import { endings, unexplained } from './endings.ts';
import type { Strength } from './step-up.ts';

type Words = {
  kind: ErrorKind;
  status: number;
  title: string;
  message: string;
  retry: string | null;
  /** Nothing failed: the person decided so. */
  ordinary?: boolean;
};

/** Every way a sign-in or a session can fail, in words for the person, and whether trying again is of use. */
const problems = {
  provider_unreachable: {
    kind: 'unavailable',
    status: 503,
    title: 'Sign-in cannot be reached',
    message:
      'The sign-in service does not answer, so nobody can sign in at the moment. Nothing is wrong with your account. Try again in a minute.',
    retry: 'Try again',
  },
  provider_mismatch: {
    kind: 'unavailable',
    status: 503,
    title: 'Sign-in is set up wrongly',
    message:
      'What answered at the address of the sign-in service is not the issuer this application expects. Whoever runs it has to correct ISSUER; trying again will not help.',
    retry: null,
  },
  client_refused: {
    kind: 'unavailable',
    status: 503,
    title: 'Sign-in is set up wrongly',
    message:
      'The sign-in service does not know this application. Whoever runs it has to check CLIENT_ID, CLIENT_SECRET and the registered addresses; trying again will not help.',
    retry: null,
  },
  clock_off: {
    kind: 'unavailable',
    status: 503,
    title: 'A clock is wrong',
    message:
      'The clocks of this application and of the sign-in service disagree, so sign-ins cannot be trusted. Whoever runs them has to set the clock (NTP); then it works again by itself.',
    retry: 'Try again',
  },
  denylist_unknown: {
    kind: 'unavailable',
    status: 503,
    title: 'We cannot check your session',
    message:
      'Whether your session is still valid cannot be found out at the moment, and we would rather wait than guess. You are not signed out. Try again in a moment.',
    retry: 'Try again',
  },
  sign_in_expired: {
    kind: 'invalid',
    status: 400,
    title: 'This sign-in is over',
    message: 'It took too long, was finished already, or was begun in another browser. Start again from here.',
    retry: 'Sign in',
  },
  answer_not_trusted: {
    kind: 'invalid',
    status: 400,
    title: 'This sign-in was stopped',
    message:
      'The answer did not come from our sign-in service or was changed on its way, so it was thrown away. You have not been signed in. Start again from here.',
    retry: 'Sign in',
  },
  token_not_trusted: {
    kind: 'unavailable',
    status: 503,
    title: 'This sign-in was stopped',
    message:
      'What the sign-in service sent did not pass our checks, so you have not been signed in. Try again; if it stays so, tell whoever runs this application.',
    retry: 'Try again',
  },
  sign_in_too_weak: {
    kind: 'forbidden',
    status: 403,
    title: 'A stronger sign-in is needed',
    message:
      'This page asks for a stronger way of signing in than the one you used. Set one up in your account, say a second factor, and come back.',
    retry: 'Try again',
  },
  access_denied: {
    kind: 'forbidden',
    status: 403,
    title: 'You are not signed in',
    message: 'The sign-in was cancelled, or your account may not use this application.',
    retry: 'Sign in',
    ordinary: true,
  },
} as const satisfies Record<string, Words>;

export type ProblemCode = keyof typeof problems;

export function explained(code: ProblemCode, cause?: unknown): AppError<ProblemCode> {
  const log = cause instanceof Error ? `${code}: ${cause.message}` : code;
  return new AppError(problems[code].kind, code, problems[code].message, { cause, log });
}

export type Pages = ReturnType<typeof createPages>;

/** Answers with a page, or with JSON for whoever did not ask for a page. */
export function createPages(problemPage: (problem: Problem) => string) {
  return { problem, ended, confirm, signedOut };

  function problem(ctx: Context, error: AppError, returnTo: string): void {
    const words: Words | undefined = problems[error.code as ProblemCode];
    if (!words) throw error;
    const { status, title, message, retry, ordinary = false } = words;
    if (status === 503) ctx.set('Retry-After', '5');
    const action = retry === null ? undefined : { label: retry, href: retryHref(error.code, returnTo) };
    answer(ctx, { status, code: error.code, title, message, ordinary, ...(action && { action }) });
  }

  function ended(ctx: Context, entry: Revocation | undefined): void {
    const { happened, next, signIn } = entry ? endings[entry.cause] : unexplained;
    const action = signIn
      ? { label: 'Sign in', href: signInHref(ctx.method === 'GET' ? ctx.url : '/') }
      : { label: 'To the front page', href: '/' };
    answer(ctx, {
      status: 401,
      code: 'session_ended',
      title: 'You were signed out',
      message: `${happened} ${next}`,
      action,
      ordinary: true,
    });
  }

  /** Signed in, but not lately or strongly enough for what was sent here. */
  function confirm(ctx: Context, href: string): void {
    answer(ctx, {
      status: 401,
      code: 'confirmation_needed',
      ordinary: true,
      title: 'Please confirm that it is you',
      message: 'This was not done yet: it needs a sign-in that is more recent. Sign in, then do it again.',
      action: { label: 'Sign in', href },
    });
  }

  function signedOut(ctx: Context, everywhere: boolean): void {
    answer(ctx, {
      status: 200,
      code: 'signed_out',
      title: 'You are signed out',
      message: everywhere
        ? 'Your session here has ended.'
        : 'Your session here has ended. The sign-in service did not answer, so you may still be signed in there and in other applications.',
      action: { label: 'Sign in again', href: '/sign-in' },
    });
  }

  function answer(ctx: Context, about: Omit<Problem, 'requestId'>): void {
    const requestId = requestIdOf(ctx);
    ctx.status = about.status;
    ctx.set('Cache-Control', 'no-store');
    if (ctx.accepts('json', 'html') === 'html') {
      ctx.type = 'html';
      ctx.body = problemPage({ ...about, requestId });
    } else ctx.body = { error: about.code, message: about.message, request_id: requestId };
  }
}

export function signInHref(returnTo: string, { maxAgeSeconds, acrValues }: Strength = {}): string {
  const query = new URLSearchParams({
    ...(returnTo !== '/' && { return_to: returnTo }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    ...(acrValues && { acr_values: acrValues.join(' ') }),
  });
  return query.size > 0 ? `/sign-in?${query.toString()}` : '/sign-in';
}

function retryHref(code: string, returnTo: string): string {
  return code === 'denylist_unknown' ? returnTo : signInHref(returnTo);
}
