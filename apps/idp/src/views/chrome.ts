import type { Chrome, Locale } from '@portcullis/ui';

/** Every page of the identity provider is one card under the gate. */
export type Framed = { chrome: Chrome };

export function chrome(title: string, locale: Locale = 'en'): Chrome {
  return { locale, title, product: 'Portcullis', tone: 'idp', width: 'narrow' };
}
