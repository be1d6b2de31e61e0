import type { Locale } from '@portcullis/ui';

/** 1400 → "€14.00", or as the reader's language writes it. */
export function price(cents: number, locale: Locale): string {
  return (cents / 100).toLocaleString(locale, { style: 'currency', currency: 'EUR' });
}
