import { expect, test } from 'vitest';
import { findProduct, type Product, products } from '#catalogue/products.ts';
import { add, countItems, linesOf, parseBasket, printBasket, set, totalCents } from './basket.ts';

function product(id: string): Product {
  const found = findProduct(id);
  if (!found) throw new Error(`no product ${id}`);
  return found;
}
const mug = product('watchman-mug');
const rope = product('drawbridge-rope');

test('a basket survives its cookie', () => {
  const basket = parseBasket('watchman-mug:2.drawbridge-rope:1');
  expect(countItems(basket)).toBe(3);
  expect(totalCents(linesOf(basket))).toBe(2 * mug.cents + rope.cents);
  expect(parseBasket(printBasket(basket))).toEqual(basket);
});

test.each([
  undefined,
  '',
  'nothing-we-sell:1',
  'watchman-mug',
  'watchman-mug:0',
  'watchman-mug:-1',
  'watchman-mug:21',
  'watchman-mug:1e1000',
  '__proto__:1',
])('a cookie we would not have written is an empty basket: %s', (cookie) => {
  expect(linesOf(parseBasket(cookie))).toEqual([]);
});

test('adding counts up to twenty of one product and refuses beyond', () => {
  const some = add(new Map(), mug, 19);
  if (!some.ok) throw new Error('19 were refused');
  expect(add(some.basket, mug, 1)).toEqual({ ok: true, basket: new Map([[mug.id, 20]]) });
  expect(add(some.basket, mug, 2)).toEqual({ ok: false, reason: 'too_many' });
});

test('setting a quantity to none takes the product out and leaves the rest', () => {
  expect(set(parseBasket('watchman-mug:2.drawbridge-rope:1'), mug, 0)).toEqual({
    ok: true,
    basket: new Map([[rope.id, 1]]),
  });
});

test('a basket of everything at its limit fits a cookie', () => {
  const full = new Map(products.map((each) => [each.id, 20]));
  expect(printBasket(full).length).toBeLessThan(1024);
});
