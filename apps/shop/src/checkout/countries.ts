import type { Locale } from '@portcullis/ui';

/** Where the shop would send to: the name that orders keep, and the ISO 3166-1 code by which other languages call it. */
const codes = {
  Austria: 'AT',
  Belgium: 'BE',
  Czechia: 'CZ',
  Denmark: 'DK',
  Finland: 'FI',
  France: 'FR',
  Germany: 'DE',
  Greece: 'GR',
  Ireland: 'IE',
  Italy: 'IT',
  Luxembourg: 'LU',
  Netherlands: 'NL',
  Norway: 'NO',
  Poland: 'PL',
  Portugal: 'PT',
  Slovenia: 'SI',
  Spain: 'ES',
  Sweden: 'SE',
  Switzerland: 'CH',
  'United Kingdom': 'GB',
};
type Country = keyof typeof codes;

export const countries = Object.keys(codes) as [Country, ...Country[]];

/** What the reader calls it. A name we do not know stays as it is. */
export function countryName(country: string, locale: Locale): string {
  const code = country in codes && codes[country as Country];
  return (code && new Intl.DisplayNames(locale, { type: 'region' }).of(code)) || country;
}

/** All of them in the order of the reader's alphabet. */
export function countriesIn(locale: Locale): { value: string; label: string }[] {
  return countries
    .map((value) => ({ value, label: countryName(value, locale) }))
    .toSorted((a, b) => a.label.localeCompare(b.label, locale));
}
