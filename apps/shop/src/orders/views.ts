import { price } from '#catalogue/money.ts';
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

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

export function ordersView(orders: PlacedOrder[], olderHref: string | null): OrdersView {
  return {
    olderHref,
    orders: orders.map((order) => ({
      number: order.number,
      href: `/orders/${order.number}`,
      placed: placedAt(order),
      things: order.lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(', '),
      total: price(order.totalCents),
    })),
  };
}

export function orderView(order: PlacedOrder, isNew: boolean): OrderView {
  return {
    number: order.number,
    isNew,
    placed: placedAt(order),
    lines: order.lines.map(({ name, quantity, unitCents }) => ({
      name,
      quantity,
      price: price(unitCents),
      sum: price(unitCents * quantity),
    })),
    total: price(order.totalCents),
    address: order.address,
  };
}

function placedAt({ placedAt: iso }: PlacedOrder): Placed {
  return { iso, day: day.format(new Date(iso)) };
}
