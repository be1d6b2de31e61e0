import type { Locale } from '@portcullis/ui';
import { price } from '#catalogue/money.ts';
import { countryName } from '#checkout/countries.ts';
import type { PlacedOrder } from './orders.ts';

type Placed = { iso: string; day: string };
export type OrdersView = {
  orders: { number: number; href: string; placed: Placed; things: string; total: string }[];
  olderHref: string | null;
};
export type OrderView = {
  number: number;
  isNew: boolean;
  placed: Placed;
  lines: { name: string; quantity: number; price: string; sum: string }[];
  total: string;
  address: PlacedOrder['address'];
};

export function ordersView(locale: Locale, orders: PlacedOrder[], olderHref: string | null): OrdersView {
  return {
    olderHref,
    orders: orders.map((order) => ({
      number: order.number,
      href: `/orders/${order.number}`,
      placed: placedAt(order, locale),
      things: order.lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(', '),
      total: price(order.totalCents, locale),
    })),
  };
}

export function orderView(locale: Locale, order: PlacedOrder, isNew: boolean): OrderView {
  return {
    number: order.number,
    isNew,
    placed: placedAt(order, locale),
    lines: order.lines.map(({ name, quantity, unitCents }) => ({
      name,
      quantity,
      price: price(unitCents, locale),
      sum: price(unitCents * quantity, locale),
    })),
    total: price(order.totalCents, locale),
    address: { ...order.address, country: countryName(order.address.country, locale) },
  };
}

function placedAt({ placedAt: iso }: PlacedOrder, locale: Locale): Placed {
  return { iso, day: new Date(iso).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }) };
}
