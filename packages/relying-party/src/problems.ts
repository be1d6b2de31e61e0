import { AppError, requestIdOf, type ErrorKind, type Problem } from '@portcullis/http';
import type { Cause, Revocation } from '@portcullis/revocation';
import type { Context } from 'koa';

type Words = { kind: ErrorKind; status: number; title: string; message: string; retry: string | null };

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
  access_denied: {
    kind: 'forbidden',
    status: 403,
    title: 'You are not signed in',
    message: 'The sign-in was cancelled, or your account may not use this application.',
    retry: 'Sign in',
  },
} as const satisfies Record<string, Words>;

export type ProblemCode = keyof typeof problems;

export function explained(code: ProblemCode, cause?: unknown): AppError<ProblemCode> {
  const log = cause instanceof Error ? `${code}: ${cause.message}` : code;
  return new AppError(problems[code].kind, code, problems[code].message, { cause, log });
}

/** Why a session ended, in a sentence. */
const endings: Record<Cause, string> = {
  ban: 'Your account has been blocked. If you think that this is a mistake, write to whoever runs this site.',
  unban: 'Your account was blocked and is open again. Sign in to go on.',
  sign_out: 'You signed out, here or in another application. Sign in to go on.',
  session_ended: 'This session was ended from the list of your sessions or by an administrator.',
  password_changed: 'The password of your account was changed, so everybody has to sign in with the new one.',
  factor_changed:
    'A second factor of your account was changed, so everybody has to sign in again. If that was not you, change your password now.',
  consent_withdrawn: 'You took back what you had allowed this application.',
  refresh_reuse:
    'A key of your session was used twice, as happens when somebody has copied it. We ended the session to be safe.',
  code_reuse: 'Your sign-in was presented twice, as happens when somebody has copied it. We ended it to be safe.',
  roles_changed: 'What your account may do has changed. Sign in again to go on.',
  client_disabled: 'This application has been switched off.',
  secret_revoked: 'A secret of this application was withdrawn, so everybody here has to sign in again.',
  token_revoked: 'The access of this application was withdrawn. Sign in to go on.',
  account_deleted: 'This account has been deleted.',
  everyone_before: 'Everybody has been signed out by an administrator. Sign in to go on.',
};
const noSignInHelps = new Set<Cause>(['ban', 'client_disabled', 'account_deleted']);

export type Pages = ReturnType<typeof createPages>;

/** Answers with a page, or with JSON for whoever did not ask for a page. */
export function createPages(problemPage: (problem: Problem) => string) {
  return { problem, ended, signedOut };

  function problem(ctx: Context, error: AppError, returnTo: string): void {
    const words: Words | undefined = problems[error.code as ProblemCode];
    if (!words) throw error;
    const { status, title, message, retry } = words;
    if (status === 503) ctx.set('Retry-After', '5');
    const action = retry === null ? undefined : { label: retry, href: retryHref(error.code, returnTo) };
    answer(ctx, { status, code: error.code, title, message, ...(action && { action }) });
  }

  function ended(ctx: Context, entry: Revocation | undefined): void {
    const returnTo = ctx.method === 'GET' ? ctx.url : '/';
    const message = entry ? endings[entry.cause] : 'Your session has ended. Sign in to go on.';
    const action =
      entry && noSignInHelps.has(entry.cause)
        ? { label: 'To the front page', href: '/' }
        : { label: 'Sign in', href: signInHref(returnTo) };
    answer(ctx, { status: 401, code: 'session_ended', title: 'You were signed out', message, action });
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

export function signInHref(returnTo: string): string {
  return returnTo === '/' ? '/sign-in' : `/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}

function retryHref(code: string, returnTo: string): string {
  return code === 'denylist_unknown' ? returnTo : signInHref(returnTo);
}
