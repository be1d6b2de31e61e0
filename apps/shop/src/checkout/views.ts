import { randomUUID } from 'node:crypto';
import type { FieldState, SelectState } from '@portcullis/ui';
import { type BasketLine, totalCents } from '#basket/basket.ts';
import { price } from '#catalogue/money.ts';
import type { ShopWords } from '#i18n/messages.ts';
import { countriesIn } from './countries.ts';

type Field = 'recipient' | 'street' | 'postcode' | 'city' | 'country';
export type CheckoutView = Record<Exclude<Field, 'country'>, FieldState> & {
  country: SelectState;
  lines: { name: string; quantity: number; sum: string }[];
  total: string;
  totalCents: number;
  requestId: string;
  csrf: string;
  notice: string | null;
};

export type Typed = Partial<Record<string, string>>;
export type Refused = { problems?: Partial<Record<string, string[]>>; notice?: string };

/** The form as it was typed, each problem at its field. A refused form keeps its number, so that sending it again is still the same order. */
export function checkoutView(
  { t, locale }: ShopWords,
  lines: BasketLine[],
  csrf: string,
  typed: Typed,
  refused: Refused = {},
): CheckoutView {
  const field = (name: Field): FieldState => ({
    value: typed[name] ?? '',
    error: refused.problems?.[name]?.[0] ?? null,
  });
  const options = [{ value: '', label: t('checkout.choose_country') }, ...countriesIn(locale)];
  const chosen = typed['country'] ?? '';
  return {
    recipient: field('recipient'),
    street: field('street'),
    postcode: field('postcode'),
    city: field('city'),
    country: {
      ...field('country'),
      options: options.map((option) => ({ ...option, selected: option.value === chosen })),
    },
    lines: lines.map(({ product, quantity, cents }) => ({ name: product.name, quantity, sum: price(cents, locale) })),
    total: price(totalCents(lines), locale),
    totalCents: totalCents(lines),
    requestId: typed['request_id'] ?? randomUUID(),
    csrf,
    notice: refused.notice ?? null,
  };
}
