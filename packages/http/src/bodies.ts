import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';
import { AppError } from './app-error.ts';

export const MAX_BODY_BYTES = 64 * 1024;

const FORM = 'application/x-www-form-urlencoded';
const asText = bodyParser({ enableTypes: ['text'], extendTypes: { text: [FORM] }, textLimit: MAX_BODY_BYTES, onError });
const asJson = bodyParser({ enableTypes: ['json'], jsonLimit: MAX_BODY_BYTES, onError });

/** A urlencoded form as `ctx.request.body: Record<string, string>`. A field given twice is refused, not guessed. */
export const readForm: Middleware = async (ctx, next) => {
  if (!ctx.is(FORM)) throw unexpectedFormat(ctx);
  await asText(ctx, async () => {
    ctx.request.body = single(new URLSearchParams(String(ctx.request.body)));
    await next();
  });
};

/** A JSON object or array as `ctx.request.body: unknown`, to be given to a schema. */
export const readJson: Middleware = async (ctx, next) => {
  if (!ctx.is('application/json')) throw unexpectedFormat(ctx);
  await asJson(ctx, next);
};

/** The query of one of our own pages, each name at most once. */
export function readQuery(ctx: Context): Record<string, string> {
  return single(new URLSearchParams(ctx.querystring));
}

function single(params: URLSearchParams): Record<string, string> {
  const names = [...params.keys()];
  if (new Set(names).size !== names.length) {
    throw new AppError('invalid', 'duplicate_field', 'A field was sent more than once.');
  }
  for (const value of params.values()) {
    // PostgreSQL text cannot hold it, and no keyboard sends it.
    if (value.includes('\0'))
      throw new AppError('invalid', 'invalid_field', 'A field holds a character that is not allowed.');
  }
  return Object.fromEntries(params);
}

function unexpectedFormat(ctx: Context): AppError {
  return new AppError('invalid', 'unexpected_format', 'This address does not accept that format.', {
    log: `unexpected content type ${ctx.get('Content-Type')}`,
  });
}

function onError(error: Error): never {
  if ('status' in error && error.status === 413) {
    throw new AppError('too_large', 'too_large', 'What was sent is larger than this page accepts.', { cause: error });
  }
  throw new AppError('invalid', 'unreadable_body', 'What was sent could not be read.', {
    cause: error,
    log: error.message,
  });
}
