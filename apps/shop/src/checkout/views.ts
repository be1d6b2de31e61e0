import { randomUUID } from 'node:crypto';
import type { FieldState, SelectState } from '@portcullis/ui';
import { type BasketLine, totalCents } from '#basket/basket.ts';
import { price } from '#catalogue/money.ts';
import { countries } from './address.ts';

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
type Problems = Partial<Record<string, string[]>>;

/** The form as it was typed, each problem at its field. A refused form keeps its number, so that sending it again is still the same order. */
export function checkoutView(
  lines: BasketLine[],
  csrf: string,
  typed: Typed,
  refused: { problems?: Problems; notice?: string } = {},
): CheckoutView {
  const field = (name: Field): FieldState => ({
    value: typed[name] ?? '',
    error: refused.problems?.[name]?.[0] ?? null,
  });
  const option = (name: string) => ({ value: name, label: name, selected: name === typed['country'] });
  const placeholder = { value: '', label: 'Choose a country', selected: !typed['country'] };
  return {
    recipient: field('recipient'),
    street: field('street'),
    postcode: field('postcode'),
    city: field('city'),
    country: { ...field('country'), options: [placeholder, ...countries.map(option)] },
    lines: lines.map(({ product, quantity, cents }) => ({ name: product.name, quantity, sum: price(cents) })),
    total: price(totalCents(lines)),
    totalCents: totalCents(lines),
    requestId: typed['request_id'] ?? randomUUID(),
    csrf,
    notice: refused.notice ?? null,
  };
}
