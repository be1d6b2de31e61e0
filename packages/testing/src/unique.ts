import { randomBytes } from 'node:crypto';

/** `prefix` plus eight random characters: tests use names nobody else has instead of cleaning up. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
