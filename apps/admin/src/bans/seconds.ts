import type { Locale } from '@portcullis/ui';

/** How long something took or has lasted: "18 ms", "1.4 s", "40 s", "3 min". */
export function seconds(ms: number, locale: Locale): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000)
    return `${(ms / 1000).toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
