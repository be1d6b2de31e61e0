import { z } from 'zod';

export const OrderLine = z.object({
  product: z.string(),
  name: z.string(),
  quantity: z.int().positive(),
  unitCents: z.int().nonnegative(),
});

/** An order as other applications see it: no address, because none of them needs it. Amounts are euro cents. */
export const Order = z.object({
  number: z.int().positive(),
  placedAt: z.iso.datetime(),
  sub: z.string(),
  customer: z.string(),
  totalCents: z.int().nonnegative(),
  lines: z.array(OrderLine),
});
export type Order = z.infer<typeof Order>;

/** GET /api/orders of the shop, newest first. */
export const OrdersAnswer = z.object({ orders: z.array(Order), next: z.int().positive().nullable() });
export type OrdersAnswer = z.infer<typeof OrdersAnswer>;
