import Koa, { type Context, type Middleware } from 'koa';
import { AppError, type ErrorKind } from './app-error.ts';
import type { Locale } from './locale.ts';
import type { Log } from './log.ts';

/** What an error page or an error answer says. Nothing in it comes from an unforeseen exception. */
export type Problem = {
  status: number;
  code: string;
  title: string;
  message: string;
  requestId: string;
  /** The language of these words; English unless said. */
  locale?: Locale;
  action?: { label: string; href: string };
  /** It failed for a reason of ours, and opening the same address again does no harm. */
  repeatable?: boolean;
  /** Whatever the status says, nothing failed: there is nothing to report to anybody. */
  ordinary?: boolean;
};

/** Prints a problem; the request is there for the reader's language. */
export type ErrorPage = (problem: Problem, ctx: Context) => string;

/** The same where the reader's language may have to be looked up. */
export type AnyErrorPage = (...asked: Parameters<ErrorPage>) => string | Promise<string>;

/** The HTTP status that each kind of AppError is answered with. */
export const statusOfKind = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  too_large: 413,
  throttled: 429,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

const TITLES: Record<number, string> = {
  400: 'That request was not understood',
  401: 'Please sign in',
  403: 'You cannot do this',
  404: 'Page not found',
  405: 'That does not work here',
  409: 'That no longer fits',
  413: 'That was too much at once',
  415: 'That format is not accepted',
  429: 'Please wait a moment',
  503: 'Temporarily unavailable',
};

const MESSAGES: Record<number, { code: string; message: string }> = {
  404: { code: 'not_found', message: 'There is nothing at this address. It may have moved or never existed.' },
  405: { code: 'method_not_allowed', message: 'This address does not accept that kind of request.' },
  413: { code: 'too_large', message: 'What was sent is larger than this page accepts.' },
  415: { code: 'unsupported_media_type', message: 'This address does not accept that format.' },
};

/** The one place where a thrown value, or an answer nobody gave, becomes a response: a page or JSON, by Accept. */
export function errors(options: { log: Log; errorPage: AnyErrorPage }): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = ctx.respond !== false && !ctx.headerSent && ctx.body == null;
      if (unanswered && ctx.status >= 400) await answer(ctx, problemOfStatus(ctx, ctx.status));
    } catch (error) {
      const problem = problemOf(ctx, error);
      const report = { err: error, requestId: problem.requestId, method: ctx.method, path: ctx.path };
      if (problem.status >= 500) options.log.error(report, 'request failed');
      else options.log.debug(report, 'request refused');
      if (ctx.headerSent || !ctx.writable) return;
      if (error instanceof AppError && error.retryAfterSeconds !== undefined) {
        ctx.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)));
      }
      await answer(ctx, problem);
    }
  };

  async function answer(ctx: Context, problem: Problem): Promise<void> {
    ctx.status = problem.status;
    ctx.set('Cache-Control', 'no-store');
    if (problem.status === 413) ctx.set('Connection', 'close'); // the rest of the body is not worth reading
    if (ctx.accepts('json', 'html') === 'html') {
      ctx.type = 'html';
      ctx.body = await options.errorPage(problem, ctx);
    } else {
      ctx.body = { error: problem.code, message: problem.message, request_id: problem.requestId };
    }
  }
}

function problemOf(ctx: Context, error: unknown): Problem {
  if (error instanceof AppError) {
    const status = statusOfKind[error.kind];
    const problem = describe(ctx, status, error.code, error.publicMessage);
    return { ...problem, title: error.title ?? problem.title };
  }
  // ctx.throw of a library. Any other error with a status is not speaking to our caller.
  return problemOfStatus(ctx, error instanceof Koa.HttpError ? error.status : 500);
}

function problemOfStatus(ctx: Context, status: number): Problem {
  const known = MESSAGES[status];
  if (known) return describe(ctx, status, known.code, known.message);
  if (status < 500) return describe(ctx, status, 'invalid_request', 'The request could not be understood.');
  return describe(ctx, status, 'server_error', 'Something went wrong on our side. Please try again in a moment.');
}

function describe(ctx: Context, status: number, code: string, message: string): Problem {
  const title = TITLES[status] ?? (status < 500 ? TITLES[400] : undefined) ?? 'Something went wrong';
  const repeatable = status >= 500 && ctx.method === 'GET';
  return { status, code, title, message, requestId: requestIdOf(ctx), repeatable };
}

export function requestIdOf(ctx: Context): string {
  return String(ctx.state['requestId']);
}
