import type { Pool } from 'pg';
import type { Order } from '@portcullis/contracts';
import { type BasketLine, totalCents } from '#basket/basket.ts';

export type Address = { recipient: string; street: string; postcode: string; city: string; country: string };
export type Person = { sub: string; name: string };
export type PlacedOrder = Order & { address: Address };
export type Page = { before?: number | undefined; limit: number };

type Row = {
  number: number;
  sub: string;
  customer: string;
  total_cents: number;
  placed_at: Date;
  recipient: string;
  street: string;
  postcode: string;
  city: string;
  country: string;
  lines: Order['lines'];
};

const SELECT = `
  select o.*, (
    select json_agg(json_build_object('product', l.product, 'name', l.name, 'quantity', l.quantity, 'unitCents', l.unit_cents) order by l.position)
    from order_line l where l.order_number = o.number
  ) as lines
  from customer_order o`;

export type Orders = ReturnType<typeof createOrders>;

/** Orders and who placed them. Every query that is for one person takes their `sub` and looks at no other rows. */
export function createOrders({ pool }: { pool: Pool }) {
  return { place, placedBy, of, ofEveryone, find };

  /** Places what the lines say and answers its number. The same `requestId` of the same person is the same order, however often it is sent. */
  async function place(person: Person, address: Address, lines: BasketLine[], requestId: string): Promise<number> {
    const { rows } = await pool.query<{ number: number }>({
      name: 'place-order',
      text: `
        with placed as (
          insert into customer_order (sub, request_id, customer, recipient, street, postcode, city, country, total_cents)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
          on conflict (sub, request_id) do nothing
          returning number
        ), itemised as (
          insert into order_line (order_number, position, product, name, unit_cents, quantity)
          select placed.number, line.position, line.product, line.name, line.unit_cents, line.quantity
          from placed, json_to_recordset($10) as line(position int, product text, name text, unit_cents int, quantity int)
        )
        select number from placed`,
      values: [
        person.sub,
        requestId,
        person.name,
        address.recipient,
        address.street,
        address.postcode,
        address.city,
        address.country,
        totalCents(lines),
        JSON.stringify(lines.map(toRecord)),
      ],
    });
    const number = rows[0]?.number ?? (await placedBy(person.sub, requestId));
    if (number === undefined) throw new Error('an order was refused as a repetition of one that is not there');
    return number;
  }

  /** The order this form has already become, if it has. */
  async function placedBy(sub: string, requestId: string): Promise<number | undefined> {
    const text = 'select number from customer_order where sub = $1 and request_id = $2';
    const { rows } = await pool.query<{ number: number }>({ name: 'placed-by', text, values: [sub, requestId] });
    return rows[0]?.number;
  }

  /** One person's orders, newest first. */
  async function of(sub: string, { before, limit }: Page): Promise<PlacedOrder[]> {
    const text = `${SELECT} where o.sub = $1 and ($2::int is null or o.number < $2) order by o.number desc limit $3`;
    const { rows } = await pool.query<Row>({ name: 'orders-of', text, values: [sub, before ?? null, limit] });
    return rows.map(toOrder);
  }

  /** Everyone's, newest first. Whoever calls has checked the role. */
  async function ofEveryone({ before, limit }: Page): Promise<PlacedOrder[]> {
    const text = `${SELECT} where ($1::int is null or o.number < $1) order by o.number desc limit $2`;
    const { rows } = await pool.query<Row>({ name: 'orders-of-everyone', text, values: [before ?? null, limit] });
    return rows.map(toOrder);
  }

  /** An order of this person. Somebody else's is as absent as one that never was. */
  async function find(sub: string, number: number): Promise<PlacedOrder | undefined> {
    const text = `${SELECT} where o.sub = $1 and o.number = $2`;
    const { rows } = await pool.query<Row>({ name: 'order', text, values: [sub, number] });
    return rows[0] && toOrder(rows[0]);
  }
}

function toRecord({ product, quantity }: BasketLine, position: number) {
  return { position, product: product.id, name: product.name, unit_cents: product.cents, quantity };
}

function toOrder(row: Row): PlacedOrder {
  return {
    number: row.number,
    placedAt: row.placed_at.toISOString(),
    sub: row.sub,
    customer: row.customer,
    totalCents: row.total_cents,
    lines: row.lines,
    address: {
      recipient: row.recipient,
      street: row.street,
      postcode: row.postcode,
      city: row.city,
      country: row.country,
    },
  };
}
