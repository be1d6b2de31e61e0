import { AppError } from '@portcullis/http';
import type { Middleware } from 'koa';

/** In this many seconds a store that is away may be back. */
const retryAfterSeconds = 2;

/** Of the operating system (a connection that failed) and of PostgreSQL (class 08, shutting down or starting, too many connections, cancelled for its time). */
const codes = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|57P0[123]|53300|57014)$/;
/** What pg and ioredis say without a code. */
const messages =
  /^(Command timed out|Connection (is closed|terminated)|Stream isn't writeable|Reached the max retries|timeout exceeded when trying to connect|Query read timeout|LOADING |READONLY |OOM |MASTERDOWN )/;

/** PostgreSQL or Redis does not answer: 503 with Retry-After, whatever page it was (F-03, F-10). Nothing of the request was done. */
export function storesMayBeAway(): Middleware {
  return async (_ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      throw new AppError(
        'unavailable',
        'temporarily_unavailable',
        'Sign-in is busy or restarting. Try again in a moment.',
        {
          cause: error,
          log: 'PostgreSQL or Redis does not answer',
          retryAfterSeconds,
        },
      );
    }
  };
}

/** Libraries wrap what they were told: the first cause that says so counts. Refusals of our own are none of it. */
export function isStoreAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AppError) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (codes.test(code) || messages.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some(isStoreAway);
  return isStoreAway(error.cause) || ('previous' in error && isStoreAway(error.previous));
}
