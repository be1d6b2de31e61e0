import type { z } from 'zod';
import { refusal } from './refusals.ts';

/** The `next` of a page: where the following one begins, in a form that nobody is tempted to build. */
export function toCursor(position: unknown): string | null {
  return position === undefined ? null : Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws the refusal `invalid_cursor`. */
export function fromCursor<T>(after: string | undefined, position: z.ZodType<T>): T | undefined {
  if (after === undefined) return undefined;
  try {
    return position.parse(JSON.parse(Buffer.from(after, 'base64url').toString()));
  } catch {
    throw refusal('invalid_cursor');
  }
}
