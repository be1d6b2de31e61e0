import { randomUUID } from 'node:crypto';
import { freshDatabase } from '@portcullis/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect, createPool } from '#database/orm.ts';
import { writers } from './export.ts';
import { createAuditHistory, type AuditFilter, type AuditPosition } from './history.ts';
import { createAuditLog } from './service.ts';

const opened = new AsyncDisposableStack();
let pool: Pool;
beforeAll(async () => {
  const config = { url: opened.use(await freshDatabase()).url, poolSize: 2 };
  const orm = connect(config);
  await orm.migrator.up();
  await orm.close();
  pool = opened.adopt(createPool(config), (open) => open.end());
});
beforeEach(() => pool.query('truncate audit_event, account cascade'));
afterAll(() => opened.disposeAsync());

const start = Date.parse('2026-11-22T10:00:00Z');

test('pages, the newest first, show every event exactly once, whatever is written between them and however many share a moment', async () => {
  const history = createAuditHistory(pool);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
      fc.array(fc.integer({ min: 6, max: 9 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 7 }),
      async (moments, later, limit) => {
        await pool.query('truncate audit_event');
        const before = await Promise.all(moments.map((ms) => write({ at: new Date(start + ms) })));
        const seen: string[] = [];
        for (let after: AuditPosition | undefined; ;) {
          const page = await history.page({}, { limit, ...(after && { after }) });
          seen.push(...page.map(({ id }) => id));
          const last = page.at(-1);
          if (!last) break;
          after = last;
          const ms = later.pop();
          if (ms !== undefined) await write({ at: new Date(start + ms) });
        }
        expect(seen.toSorted()).toEqual(before.toSorted());
      },
    ),
    { numRuns: 25 },
  );
});

test('the filters leave what they say, together', async () => {
  const history = createAuditHistory(pool);
  const [accountId, other] = [randomUUID(), randomUUID()];
  const at = new Date(start);
  const wanted = await write({ at, actor: 'cli:mara', action: 'ban.created', accountId, clientId: 'shop' });
  await write({ at, actor: 'cli:mara', action: 'ban.created', accountId: other });
  await write({ at, actor: other, action: 'ban.lifted', accountId, clientId: 'forum' });
  const next = await write({ at: new Date(start + 1), actor: null, action: 'ban.created', clientId: 'shop' });
  const ids = async (filter: AuditFilter) => (await history.page(filter, { limit: 10 })).map(({ id }) => id);

  expect(await ids({ action: 'ban.created', accountId })).toEqual([wanted]);
  expect(await ids({ actor: 'cli:mara', clientId: 'shop' })).toEqual([wanted]);
  expect(await ids({ actor: other, action: 'ban.created' })).toEqual([]);
  expect(await ids({ clientId: 'shop' })).toEqual([next, wanted]);
  expect(await ids({ clientId: 'shop', to: new Date(start + 1) })).toEqual([wanted]);
  expect(await ids({ from: new Date(start + 1) })).toEqual([next]);
});

test('who did it and to whom has a name while the account exists', async () => {
  const [actor, accountId] = [randomUUID(), randomUUID()];
  await pool.query(
    `insert into account (id, email, email_normalized, name, created_at) values ($1, 'm@x.org', 'm@x.org', 'Mara', now())`,
    [actor],
  );
  await write({ at: new Date(start), actor, accountId });
  await write({ at: new Date(start + 1), actor: 'cli:root', accountId: actor });
  await write({ at: new Date(start + 2), actor: null });

  const found = await createAuditHistory(pool).page({}, { limit: 10 });

  expect(found.map((event) => [event.actor, event.account])).toEqual([
    [null, null],
    [
      { id: 'cli:root', name: null },
      { id: actor, email: 'm@x.org' },
    ],
    [
      { id: actor, name: 'Mara' },
      { id: accountId, email: null },
    ],
  ]);
});

test('an export reads on only as fast as it is taken, and ends with what there was when it began', async () => {
  await pool.query(
    `insert into audit_event (id, at, action, detail)
     select gen_random_uuid(), now() - interval '1 hour' + n / 500 * interval '1 ms', 'account.signed_in', '{}' from generate_series(1, 3500) n`,
  );
  let queries = 0;
  const counted = { query: (...given: Parameters<Pool['query']>) => ((queries += 1), pool.query(...given)) };
  const lines = writers.ndjson(createAuditHistory(counted as unknown as Pool).all({}));

  const first = await lines.next();
  await pool.query('select'); // time enough for whatever would read ahead
  expect(queries).toBe(1);
  await write({ at: new Date(Date.now() + 1000) });

  let text = String(first.value);
  for await (const more of lines) text += more;
  const rows = text
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row) as { id: string; at: string });
  expect(rows).toHaveLength(3500);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(3500);
  expect(rows).toEqual(rows.toSorted((a, b) => a.at.localeCompare(b.at)));
});

test.each(['=cmd()', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '"; =1', 'a,b\r\n=1', 'Zoë "Z" O’Hara'])(
  'a spreadsheet finds no formula in an export, and a parser all that was written: a person who is called %j',
  async (name) => {
    const id = randomUUID();
    await pool.query(
      `insert into account (id, email, email_normalized, name, created_at) values ($1, $2, $2, $3, now())`,
      [id, `${name}@x.org`, name],
    );
    await write({ actor: id, accountId: id, clientId: name, detail: { reason: name } });

    let text = '';
    for await (const piece of writers.csv(createAuditHistory(pool).all({ to: new Date(Date.now() + 1000) })))
      text += piece;

    const [row = {}, ...more] = parse(text, { columns: true }) as Record<string, string>[];
    expect(more).toEqual([]);
    for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    expect(row['actor_name']?.replace(/^'/, '')).toBe(name);
    expect(row['account_email']?.replace(/^'/, '')).toBe(`${name}@x.org`);
    expect(JSON.parse(row['detail'] ?? '')).toEqual({ reason: name });
  },
);

type Given = {
  at?: Date;
  actor?: string | null;
  action?: string;
  accountId?: string;
  clientId?: string;
  detail?: object;
};

/** Answers the id of the event. */
async function write({
  at = new Date(),
  actor = null,
  action = 'ban.created',
  detail = {},
  ...of
}: Given): Promise<string> {
  const mark = randomUUID();
  await createAuditLog(pool).append({ at, actor, action, ...of, detail: { ...detail, mark } });
  const { rows } = await pool.query<{ id: string }>(
    `update audit_event set detail = detail - 'mark' where detail->>'mark' = $1 returning id`,
    [mark],
  );
  return rows[0]?.id ?? '';
}
