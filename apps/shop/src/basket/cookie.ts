import type { Context } from 'koa';
import { type Basket, parseBasket, printBasket } from './basket.ts';

const THIRTY_DAYS = 30 * 24 * 3600 * 1000;

export type BasketCookie = ReturnType<typeof createBasketCookie>;

/** The basket's cookie, signed with the application's keys: what we did not write ourselves reads as an empty basket. */
export function createBasketCookie({ https }: { https: boolean }) {
  const name = https ? '__Host-shop_basket' : 'shop_basket';
  return { read, write };

  function read(ctx: Context): Basket {
    return parseBasket(ctx.cookies.get(name, { signed: true }));
  }

  function write(ctx: Context, basket: Basket): void {
    const value = basket.size > 0 ? printBasket(basket) : null;
    const attributes = { httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
    ctx.cookies.set(name, value, { ...attributes, signed: true, maxAge: THIRTY_DAYS });
  }
}
