import { AppError } from '@portcullis/http';
import type { Middleware } from 'koa';
import { maxPictureBytes } from './pictures.ts';

/** The picture, and what the form and its boundaries weigh. */
const maxKeptBytes = maxPictureBytes + 8 * 1024;
/** As large as photos are: what is sent has to be read to its end, or browsers do not show the answer. */
const maxBodyBytes = 16 * 1024 * 1024;
/** For `listen`. */
export const largerBodies = { '/account/picture': maxBodyBytes };

/**
 * A multipart form (RFC 7578) as `ctx.request.body`: texts as strings, files as buffers; one of each name. Of a form
 * that is too large only the beginning is kept, so that its file comes out cut off, but larger than a picture may be.
 */
export const readUpload: Middleware = async (ctx, next) => {
  if (!ctx.is('multipart/form-data'))
    throw new AppError('invalid', 'unexpected_format', 'This address does not accept that format.');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of ctx.req as AsyncIterable<Buffer>) {
    if (size < maxKeptBytes) pieces.push(piece.subarray(0, maxKeptBytes - size));
    size += piece.length;
    if (size > maxBodyBytes) throw tooLarge();
  }
  if (size > maxKeptBytes) pieces.push(endOf(ctx.get('Content-Type')));
  const whole = new Response(Buffer.concat(pieces), { headers: { 'content-type': ctx.get('Content-Type') } });
  const form = await whole.formData().catch((cause: unknown) => {
    throw new AppError('invalid', 'unreadable_body', 'What was sent could not be read.', { cause });
  });
  const fields: Record<string, string | Buffer> = {};
  for (const [name, value] of form) {
    if (Object.hasOwn(fields, name))
      throw new AppError('invalid', 'duplicate_field', 'A field was sent more than once.');
    fields[name] = typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer());
  }
  ctx.request.body = fields;
  await next();
};

/** What closes a form whose rest was not kept. */
function endOf(contentType: string): Buffer {
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(contentType) ?? [];
  return Buffer.from(`\r\n--${boundary}--\r\n`);
}

function tooLarge(): AppError {
  return new AppError('too_large', 'too_large', 'What was sent is larger than this page accepts.');
}
