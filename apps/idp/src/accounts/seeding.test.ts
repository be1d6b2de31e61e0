import { afterAll, beforeAll, expect, test } from 'vitest';

import { createAccountLookup } from './lookup.ts';
import { seedAccounts } from './seeding.ts';
import { type House, openHouse, rightPassword } from './test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

test('L-01: among 50,000 accounts the sign-in look-up is an index scan, and the seeded people can sign in', async () => {
  const { accounts, passwords } = await house.node();
  const passwordHash = await passwords.hash(rightPassword);
  const done: number[] = [];

  const made = await seedAccounts({ pool: house.pool, count: 50_000, passwordHash, onProgress: (n) => done.push(n) });

  expect(made).toBe(50_000);
  expect(done).toEqual([20_000, 40_000, 50_000]);
  expect(await planOfSignIn('person-31415@load.example')).toMatch(/^Index Scan using account_email_normalized_unique/);
  const credentials = { password: rightPassword, address: '192.0.2.1', clientId: 'shop' };
  expect(await accounts.signIn(house.em(), { ...credentials, email: 'person-31415@load.example' })).toMatchObject({
    ok: true,
  });
});

test('seeding again makes nobody twice', async () => {
  const seed = (count: number) => seedAccounts({ pool: house.pool, count, passwordHash: 'x' });
  await seed(10);

  expect(await seed(10)).toBe(0);
});

/** The plan of the very statement sign-in runs, as PostgreSQL tells it. */
async function planOfSignIn(email: string): Promise<string> {
  let plan = '';
  const explaining = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const { rows } = await house.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return { rows: [] };
    },
  };
  await createAccountLookup(explaining as never).forSignIn(email);
  return plan;
}
