import type { FieldState } from '@portcullis/ui';
import { price } from '#catalogue/money.ts';
import { productView } from '#catalogue/views.ts';
import { type Basket, linesOf, MOST_OF_ONE, totalCents } from './basket.ts';

type LineView = ReturnType<typeof productView> & {
  quantity: FieldState & { id: string };
  sum: string;
  quantityLabel: string;
};
export type BasketView = { lines: LineView[]; total: string; csrf: string };

export const QUANTITY_REFUSED = `Between 1 and ${MOST_OF_ONE}, please.`;

/** `refused` is a quantity somebody typed that we cannot take: it stays in its field, with the reason. */
export function basketView(basket: Basket, csrf: string, refused?: { product: string; value: string }): BasketView {
  const lines = linesOf(basket);
  return {
    csrf,
    total: price(totalCents(lines)),
    lines: lines.map(({ product, quantity, cents }) => ({
      ...productView(product),
      sum: price(cents),
      quantityLabel: `Quantity of ${product.name}`,
      quantity: {
        id: `quantity-${product.id}`,
        ...(refused?.product === product.id
          ? { value: refused.value, error: `0 to ${MOST_OF_ONE}, please.` }
          : { value: String(quantity), error: null }),
      },
    })),
  };
}
