import { parseUntil } from './ban.ts';

/** `now`, a length back from now (30m, 2h, 7d, 2w), or a moment as `parseUntil` reads it. */
export function parsePast(written: string, now = Date.now()): Date {
  if (written === 'now') return new Date(now);
  const at = parseUntil(written, now);
  return /^\d+[mhdw]$/.test(written) ? new Date(2 * now - at.getTime()) : at;
}
