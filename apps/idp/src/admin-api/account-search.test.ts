import { randomUUID } from 'node:crypto';
import { freshDatabase } from '@portcullis/testing';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect, createPool } from '#database/orm.ts';
import { createAccountSearch, type AccountPosition, type AccountQuery } from './account-search.ts';

const opened = new AsyncDisposableStack();
let pool: Pool;
let search: ReturnType<typeof createAccountSearch>;
beforeAll(async () => {
  const config = { url: opened.use(await freshDatabase()).url, poolSize: 2 };
  const orm = connect(config);
  await orm.migrator.up();
  await orm.close();
  pool = opened.adopt(createPool(config), (open) => open.end());
  search = createAccountSearch(pool);
});
beforeEach(() => pool.query('truncate account, ban, audit_event cascade'));
afterAll(() => opened.disposeAsync());

test('accounts are found by how the e-mail or the name begins, in any case, or by their id; by e-mail first', async () => {
  const anna = await account('anna@example.org', 'Zoë');
  const zoe = await account('ZOE@example.org', 'Anna Bauer');
  const other = await account('other@example.org', 'Hanna');
  expect(await ids({ q: 'ANN' })).toEqual([anna, zoe]);
  expect(await ids({ q: 'anna@' })).toEqual([anna]);
  expect(await ids({ q: 'zOË' })).toEqual([anna]);
  expect(await ids({ q: 'zoe' })).toEqual([zoe]);
  expect(await ids({ q: 'hanna' })).toEqual([other]);
  expect(await ids({ q: other })).toEqual([other]);
  expect(await ids({ q: other.toUpperCase() })).toEqual([other]);
  expect(await ids({ q: randomUUID() })).toEqual([]);
  expect(await ids({})).toEqual([anna, other, zoe]);
});

test.each(['%', '_', '\\', '%@', "' or true --", 'a%'])('what a person types is text and no pattern: %j', async (q) => {
  await account('anna@example.org', 'Anna');
  expect(await ids({ q })).toEqual([]);
  const literal = await account(`${q}@example.org`, 'Zoe');
  expect(await ids({ q })).toEqual([literal]);
});

test('the status is of the moment: an expired ban, a lifted one and one from an application leave the account active', async () => {
  const active = await account('a@example.org');
  await ban(active, `until = now() - interval '1 s'`);
  await ban(active, 'lifted_at = now()');
  await ban(active, `client_ids = '{shop}'`);
  const banned = await account('b@example.org');
  await ban(banned, `until = now() + interval '1 h'`);
  const disabled = await account('d@example.org');
  await pool.query('update account set disabled_at = now() where id = $1', [disabled]);
  await ban(disabled);

  expect((await search.page({}, { limit: 10 })).accounts.map(({ id, status }) => [id, status])).toEqual([
    [active, 'active'],
    [banned, 'banned'],
    [disabled, 'disabled'],
  ]);
  expect(await ids({ status: 'active' })).toEqual([active]);
  expect(await ids({ status: 'banned' })).toEqual([banned]);
  expect(await ids({ status: 'disabled' })).toEqual([disabled]);
  expect(await ids({ q: banned, status: 'active' })).toEqual([]);
  expect(await ids({ q: 'A per', status: 'banned' })).toEqual([banned]);
});

test('page after page shows each account that was there exactly once, whoever is added meanwhile', async () => {
  const name = fc.constantFrom('Ann', 'ann', 'Anna', 'Än', 'Bo', 'a_n');
  const person = fc.tuple(fc.constantFrom('ann', 'an', 'bo', 'ａnn'), name);
  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { maxLength: 20 }),
      fc.array(person, { maxLength: 6 }),
      fc.constantFrom(undefined, 'a', 'an', 'ann'),
      fc.integer({ min: 1, max: 6 }),
      async (people, later, q, limit) => {
        await pool.query('truncate account cascade');
        for (const [local, called] of people) await account(`${local}-${randomUUID()}@x.org`, called);
        const expected = (await search.page({ q }, { limit: 1000 })).accounts.map(({ id }) => id);
        const seen: string[] = [];
        let after: AccountPosition | undefined;
        do {
          const page = await search.page({ q }, { limit, after });
          expect(page.accounts.length).toBeLessThanOrEqual(limit);
          expect(page.next === undefined || page.accounts.length === limit).toBe(true);
          seen.push(...page.accounts.map(({ id }) => id));
          after = page.next;
          const [local, called] = later.pop() ?? [];
          if (local) await account(`${local}-${randomUUID()}@x.org`, called);
        } while (after);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((id) => expected.includes(id))).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('an account is shown with its last sign-in', async () => {
  const id = await account('a@example.org');
  expect(await search.find(id)).toMatchObject({ id, emailVerified: false, lastSignInAt: null, status: 'active' });
  await pool.query(
    `insert into audit_event (id, at, actor, action, account_id, detail) values
     (gen_random_uuid(), '2026-11-20T10:00:00Z', null, 'account.signed_in', $1, '{}'),
     (gen_random_uuid(), '2026-11-21T10:00:00Z', null, 'account.signed_in', $1, '{}'),
     (gen_random_uuid(), '2026-11-22T10:00:00Z', null, 'account.sign_in_refused', $1, '{}')`,
    [id],
  );
  expect((await search.find(id))?.lastSignInAt).toEqual(new Date('2026-11-21T10:00:00Z'));
  expect(await search.find(randomUUID())).toBeUndefined();
});

async function ids(query: AccountQuery): Promise<string[]> {
  return (await search.page(query, { limit: 10 })).accounts.map(({ id }) => id);
}

async function account(email: string, name = 'A person'): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into account (id, email, email_normalized, name, created_at)
     values ($1, $2::text, normalize(lower($2::text), NFKC), $3, now())`,
    [id, email, name],
  );
  return id;
}

async function ban(accountId: string, change = 'message = null'): Promise<void> {
  const id = randomUUID();
  await pool.query(
    `insert into ban (id, account_id, reason, banned_at, revocation_ids) values ($1, $2, 'spam', now(), '{}')`,
    [id, accountId],
  );
  await pool.query(`update ban set ${change} where id = $1`, [id]);
}
