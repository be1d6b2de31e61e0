import { z } from 'zod';
import type { ShopWords } from '#i18n/messages.ts';
import { countries } from './countries.ts';

/** The address, and what the form carries besides: which form it is, and the total the person saw. Says in these words what is wrong. */
export function checkoutForm({ t }: ShopWords) {
  return z.strictObject({
    recipient: line(100, t('checkout.recipient_missing')),
    street: line(120, t('checkout.street_missing')),
    postcode: line(12, t('checkout.postcode_missing')),
    city: line(80, t('checkout.city_missing')),
    country: z.enum(countries, t('checkout.country_missing')),
    request_id: z.uuid(),
    total_cents: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  });

  /** One printed line of an address: not empty, not longer than a label, no line breaks or other control characters. */
  function line(most: number, missing: string) {
    return z
      .string()
      .trim()
      .min(1, missing)
      .max(most, t('checkout.too_long', { most }))
      .regex(/^\P{Cc}*$/u, t('checkout.one_line'));
  }
}
