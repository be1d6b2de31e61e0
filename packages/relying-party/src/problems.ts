import { AppError, type ErrorPage, localeOf, type Problem, requestIdOf } from '@portcullis/http';
import type { Revocation } from '@portcullis/revocation';
import type { Context } from 'koa';
import { endingOf } from './endings.ts';
import { meaningOf, meanings, pageWords, type ProblemCode, problemWords } from './problem-words.ts';
import type { Strength } from './step-up.ts';

export function explained(code: ProblemCode, cause?: unknown): AppError<ProblemCode> {
  const log = cause instanceof Error ? `${code}: ${cause.message}` : code;
  return new AppError(meanings[code].kind, code, problemWords.en[code].message, { cause, log });
}

export type Pages = ReturnType<typeof createPages>;

/** Answers with a page, or with JSON for whoever did not ask for a page; in the language of the request (`localeOf`). */
export function createPages(problemPage: ErrorPage) {
  return { problem, ended, confirm, signedOut };

  function problem(ctx: Context, error: AppError, returnTo: string): void {
    const code = error.code as ProblemCode;
    const locale = localeOf(ctx);
    const meaning = meaningOf(code);
    if (!meaning) throw error;
    const { status, retry, ordinary = false } = meaning;
    if (status === 503) ctx.set('Retry-After', '5');
    const action = retry && { label: pageWords[locale][retry], href: retryHref(code, returnTo) };
    answer(ctx, { locale, status, code, ...problemWords[locale][code], ordinary, ...(action && { action }) });
  }

  function ended(ctx: Context, entry: Revocation | undefined): void {
    const locale = localeOf(ctx);
    const words = pageWords[locale];
    const { happened, next, signIn } = endingOf(entry?.cause, locale);
    const action = signIn
      ? { label: words.sign_in, href: signInHref(ctx.method === 'GET' ? ctx.url : '/') }
      : { label: words.front_page, href: '/' };
    answer(ctx, {
      locale,
      status: 401,
      code: 'session_ended',
      title: words.session_ended,
      message: `${happened} ${next}`,
      action,
      ordinary: true,
    });
  }

  /** Signed in, but not lately or strongly enough for what was sent here. */
  function confirm(ctx: Context, href: string): void {
    const locale = localeOf(ctx);
    const words = pageWords[locale];
    answer(ctx, {
      locale,
      status: 401,
      code: 'confirmation_needed',
      ordinary: true,
      title: words.confirm,
      message: words.confirm_text,
      action: { label: words.sign_in, href },
    });
  }

  function signedOut(ctx: Context, everywhere: boolean): void {
    const locale = localeOf(ctx);
    const words = pageWords[locale];
    answer(ctx, {
      locale,
      status: 200,
      code: 'signed_out',
      title: words.signed_out,
      message: everywhere ? words.signed_out_everywhere : words.signed_out_here,
      action: { label: words.sign_in_again, href: '/sign-in' },
    });
  }

  function answer(ctx: Context, about: Omit<Problem, 'requestId'>): void {
    const requestId = requestIdOf(ctx);
    ctx.status = about.status;
    ctx.set('Cache-Control', 'no-store');
    if (ctx.accepts('json', 'html') === 'html') {
      ctx.type = 'html';
      ctx.body = problemPage({ ...about, requestId }, ctx);
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
