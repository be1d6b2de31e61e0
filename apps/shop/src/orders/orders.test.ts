import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Order } from '@portcullis/contracts';
import { type FreshDatabase, freshDatabase, unique } from '@portcullis/testing';
import { linesOf, parseBasket } from '#basket/basket.ts';
import { openDatabase } from '#database/pool.ts';
import { createOrders, type Orders } from './orders.ts';

let database: FreshDatabase;
let pool: Pool;
let orders: Orders;

beforeAll(async () => {
  database = await freshDatabase();
  pool = await openDatabase(database.url);
  orders = createOrders({ pool });
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

const address = { recipient: 'Ada', street: 'Gate 1', postcode: '1010', city: 'Vienna', country: 'Austria' };
const lines = linesOf(parseBasket('watchman-mug:2.drawbridge-rope:1'));
const page = { limit: 100 };

function someone() {
  return { sub: unique('sub'), name: 'Ada' };
}

test('several instances may apply the schema at the same moment', async () => {
  await using fresh = await freshDatabase();
  const pools = await Promise.all([1, 2, 3, 4].map(() => openDatabase(fresh.url)));
  expect((await pools[0]?.query('select * from customer_order'))?.rows).toEqual([]);
  await Promise.all(pools.map((each) => each.end()));
});

test('an order keeps its lines, their prices, the address and the name of the day', async () => {
  const ada = someone();
  const number = await orders.place(ada, address, lines, randomUUID());

  const order = await orders.find(ada.sub, number);

  expect(order).toMatchObject({ number, sub: ada.sub, customer: 'Ada', address, totalCents: 6300 });
  expect(order?.lines).toEqual([
    { product: 'watchman-mug', name: "Watchman's Mug", quantity: 2, unitCents: 1800 },
    { product: 'drawbridge-rope', name: 'Drawbridge Rope', quantity: 1, unitCents: 2700 },
  ]);
  expect(Order.safeParse(order).success).toBe(true);
});

test('a checkout form sent ten times at once is one order', async () => {
  const ada = someone();
  const requestId = randomUUID();

  const numbers = await Promise.all(Array.from({ length: 10 }, () => orders.place(ada, address, lines, requestId)));

  expect(new Set(numbers).size).toBe(1);
  const placed = await orders.of(ada.sub, page);
  expect(placed.map((order) => order.lines.length)).toEqual([2]);
});

test('the same form number of another person is another order', async () => {
  const requestId = randomUUID();
  const [one, two] = [someone(), someone()];
  const numbers = [
    await orders.place(one, address, lines, requestId),
    await orders.place(two, address, lines, requestId),
  ];
  expect(new Set(numbers).size).toBe(2);
});

test('A-22: nobody finds or lists the order of somebody else', async () => {
  const [ada, eve] = [someone(), someone()];
  const number = await orders.place(ada, address, lines, randomUUID());

  expect(await orders.find(eve.sub, number)).toBeUndefined();
  expect(await orders.of(eve.sub, page)).toEqual([]);
});

test('lists run backwards and continue where the page before ended', async () => {
  const ada = someone();
  const placed: number[] = [];
  for (let i = 0; i < 3; i++) placed.unshift(await orders.place(ada, address, lines, randomUUID()));

  const first = await orders.of(ada.sub, { limit: 2 });
  const second = await orders.of(ada.sub, { limit: 2, before: first.at(-1)?.number });

  expect([...first, ...second].map((order) => order.number)).toEqual(placed);
  expect((await orders.ofEveryone({ limit: 1 }))[0]?.number).toBe(placed[0]);
});
