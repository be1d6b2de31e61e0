import type { FieldState } from '@portcullis/ui';
import { price } from '#catalogue/money.ts';
import { productView } from '#catalogue/views.ts';
import type { ShopWords } from '#i18n/messages.ts';
import { type Basket, linesOf, MOST_OF_ONE, totalCents } from './basket.ts';

type LineView = ReturnType<typeof productView> & {
  quantity: FieldState & { id: string };
  sum: string;
};
export type BasketView = { lines: LineView[]; total: string; csrf: string };

/** `refused` is a quantity somebody typed that we cannot take: it stays in its field, with the reason. */
export function basketView(
  { t, locale }: ShopWords,
  basket: Basket,
  csrf: string,
  refused?: { product: string; value: string },
): BasketView {
  const lines = linesOf(basket);
  return {
    csrf,
    total: price(totalCents(lines), locale),
    lines: lines.map(({ product, quantity, cents }) => ({
      ...productView(product, locale),
      sum: price(cents, locale),
      quantity: {
        id: `quantity-${product.id}`,
        ...(refused?.product === product.id
          ? { value: refused.value, error: t('basket.line_refused', { most: MOST_OF_ONE }) }
          : { value: String(quantity), error: null }),
      },
    })),
  };
}
