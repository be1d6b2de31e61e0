import { findProduct, type Product } from '#catalogue/products.ts';

/**
 * What a browser has put aside. It belongs to the browser, not to a person: it lives in a signed cookie, so it works
 * before sign-in and is still there after. Prices are never in it: they are the catalogue's at the moment of looking.
 */
export type Basket = ReadonlyMap<string, number>;
export type BasketLine = { product: Product; quantity: number; cents: number };

export const MOST_OF_ONE = 20;

/** Reads `mug:2.rope:1`. A product we no longer sell and a number we would not have written are left out. */
export function parseBasket(cookie: string | undefined): Basket {
  const basket = new Map<string, number>();
  for (const entry of (cookie ?? '').split('.')) {
    const [id = '', count = ''] = entry.split(':');
    const quantity = Number(count);
    if (findProduct(id) && Number.isInteger(quantity) && quantity >= 1 && quantity <= MOST_OF_ONE)
      basket.set(id, quantity);
  }
  return basket;
}

export function printBasket(basket: Basket): string {
  return [...basket].map(([id, quantity]) => `${id}:${quantity}`).join('.');
}

export type Change = { ok: true; basket: Basket } | { ok: false; reason: 'too_many' };

export function add(basket: Basket, product: Product, quantity: number): Change {
  return set(basket, product, (basket.get(product.id) ?? 0) + quantity);
}

/** None of a product takes it out of the basket. */
export function set(basket: Basket, product: Product, quantity: number): Change {
  if (quantity > MOST_OF_ONE) return { ok: false, reason: 'too_many' };
  const changed = new Map(basket);
  if (quantity === 0) changed.delete(product.id);
  else changed.set(product.id, quantity);
  return { ok: true, basket: changed };
}

export function linesOf(basket: Basket): BasketLine[] {
  return [...basket].flatMap(([id, quantity]) => {
    const product = findProduct(id);
    return product ? [{ product, quantity, cents: product.cents * quantity }] : [];
  });
}

export function totalCents(lines: BasketLine[]): number {
  return lines.reduce((sum, line) => sum + line.cents, 0);
}

export function countItems(basket: Basket): number {
  return [...basket.values()].reduce((sum, quantity) => sum + quantity, 0);
}
