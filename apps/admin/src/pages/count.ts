import type { Locale } from '@portcullis/ui';

/** "Shop", "Shop and Forum", "Shop, Forum and Dashboard". */
export function listed(names: string[], locale: Locale): string {
  return new Intl.ListFormat(formOf(locale), { type: 'conjunction' }).format(names);
}

/** How lists and moments are written: in English the British way, as the console writes it. */
export function formOf(locale: Locale): string {
  return locale === 'en' ? 'en-GB' : locale;
}
