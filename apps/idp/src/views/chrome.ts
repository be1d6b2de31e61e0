import type { Chrome } from '@portcullis/ui';

/** Every page of the identity provider is one card under the gate. */
export type Framed = { chrome: Chrome };

export function chrome(title: string): Chrome {
  return { title, product: 'Portcullis', tone: 'idp', width: 'narrow' };
}
