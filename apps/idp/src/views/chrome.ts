import type { Chrome, Locale } from '@portcullis/ui';

/** A page of the identity provider: one card under the gate unless it says otherwise. */
export type Framed = { chrome: Chrome };

/** `hue`: that of the application whose sign-in it is. */
export function chrome(title: string, locale: Locale = 'en', { hue = null }: { hue?: number | null } = {}): Chrome {
  return { locale, title, hue, tone: 'idp', width: 'narrow' };
}
