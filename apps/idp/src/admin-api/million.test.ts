import { freshDatabase } from '@portcullis/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuditHistory, type AuditFilter } from '#audit/history.ts';
import { createBanHistory } from '#bans/history.ts';
import { connect, createPool } from '#database/orm.ts';
import { byEmail, byName, type Statement } from './account-search.ts';

const opened = new AsyncDisposableStack();
let pool: Pool;
beforeAll(async () => {
  const config = { url: opened.use(await freshDatabase()).url, poolSize: 2 };
  const orm = opened.adopt(connect(config), (open) => open.close());
  await orm.migrator.up({ to: 'Migration20261121000004' });
  await orm.em.fork().execute(fill); // before the indexes: it is quicker
  await orm.migrator.up();
  for (const table of ['account', 'ban', 'audit_event']) await orm.em.fork().execute(`vacuum analyze ${table}`);
  pool = opened.adopt(createPool(config), (open) => open.end());
}, 240_000);
afterAll(() => opened.disposeAsync());

/** A million people; 20,000 of them banned, half of those bans over; 500 disabled; 200,000 audit events, few of them rare. */
const fill = `
  alter table account drop constraint account_pkey, drop constraint account_email_normalized_unique;
  insert into account (id, email, email_normalized, name, roles, created_at, disabled_at)
  select gen_random_uuid(), email, email, name, '{}', now(), case when n % 2000 = 0 then now() end
  from generate_series(1, 1000000) n,
       lateral (select 'person-' || n || '@load.example' as email,
                       (array['Anna','Bert','Carla','Dimitri','Émile'])[1 + n % 5] || ' ' || to_hex(hashint4(n)) as name) p;
  alter table account add constraint account_pkey primary key (id),
                      add constraint account_email_normalized_unique unique (email_normalized);
  insert into ban (id, account_id, reason, banned_at, until, revocation_ids)
  select gen_random_uuid(), id, 'spam', now(), case when row_number() over () % 2 = 0 then now() end, '{}'
  from account tablesample system (2) repeatable (1);
  insert into audit_event (id, at, actor, action, account_id, client_id, detail)
  select gen_random_uuid(), now() - n * interval '1 s',
         case when n % 5000 = 7 then 'cli:mara' else md5((n % 5000)::text)::uuid::text end,
         case when n % 1000 = 7 then 'ban.created' else 'account.signed_in' end, md5((n % 5000)::text)::uuid,
         case when n % 10000 = 7 then 'rare' else 'shop' end, '{}'
  from generate_series(1, 200000) n;`;

const page = 51;
/** What a page of fifty costs when nothing is walked past: a descent and a heap visit per row, and its bans looked up. */
const pages = 400;

test.each<[string, Statement, index: string]>([
  ['all', byEmail({}, undefined, page), 'account_by_email'],
  ['all, in the middle', byEmail({}, 'person-5', page), 'account_by_email'],
  ['an e-mail', byEmail({ q: 'Person-777777@load.example' }, undefined, page), 'account_by_email'],
  ['a prefix of every e-mail', byEmail({ q: 'person' }, 'person-900000@load.example', page), 'account_by_email'],
  ['a prefix of no e-mail', byEmail({ q: 'zzz' }, undefined, page), 'account_by_email'],
  ['a prefix of a fifth of the names', byName({ q: 'anna' }, undefined, page), 'account_by_name'],
  ['a prefix of few names', byName({ q: 'ANNA 7F' }, undefined, page), 'account_by_name'],
  ['a prefix of no name', byName({ q: 'émilia' }, undefined, page), 'account_by_name'],
  ['active', byEmail({ status: 'active' }, undefined, page), 'account_by_email'],
  ['active, by name', byName({ q: 'carla', status: 'active' }, undefined, page), 'account_by_name'],
  ['disabled', byEmail({ status: 'disabled' }, undefined, page), 'account_disabled'],
  ['disabled, in the middle', byEmail({ status: 'disabled' }, 'person-8', page), 'account_disabled'],
])('at a million accounts a page is a walk along an index: %s', async (_what, { text, values }, index) => {
  const plan = await explain({ text, values });
  expect(plan.scans).not.toContain('Seq Scan on account');
  expect(plan.indexes).toContain(index);
  expect(plan.blocks).toBeLessThan(pages);
});

test.each<[string, Statement]>([
  ['all', byEmail({ status: 'banned' }, undefined, page)],
  ['by e-mail', byEmail({ q: 'person-1', status: 'banned' }, 'person-12', page)],
])(
  'the banned among a million accounts cost what the bans in force cost, and no more: %s',
  async (_what, statement) => {
    const plan = await explain(statement);
    expect(plan.scans).not.toContain('Seq Scan on account');
    expect(plan.blocks).toBeLessThan(20_000);
  },
);

const somebody = '13f3cf8c-531c-2d28-8a2d-2b4e3f7f9d5c';
const at = new Date(Date.now() - 100_000_000);

test.each<[string, AuditFilter]>([
  ['all', {}],
  ['a rare action', { action: 'ban.created' }],
  ['a rare actor', { actor: 'cli:mara' }],
  ['a rare application', { clientId: 'rare' }],
  ['an action at an application', { action: 'account.signed_in', clientId: 'shop' }],
  ['one account', { accountId: somebody }],
  ['a stretch of time', { from: new Date(at.getTime() - 60_000), to: at }],
])('a page of a long audit log is a walk along an index: %s', async (_what, filter) => {
  const [statement] = await statementsOf((query) => createAuditHistory({ query }).page(filter, { limit: page }));
  const plan = await explain(statement as Statement);
  expect(plan.scans).not.toContain('Seq Scan on audit_event');
  expect(plan.blocks).toBeLessThan(pages);
});

test.each<'in_force' | 'ended' | undefined>(['in_force', 'ended', undefined])(
  'a page of twenty thousand bans is a walk along an index: %s',
  async (status) => {
    const [statement] = await statementsOf((query) =>
      createBanHistory({ pool: { query } }).list({ limit: page, ...(status && { status }) }),
    );
    const plan = await explain(statement as Statement);
    expect(plan.scans).not.toContain('Seq Scan on ban');
    expect(plan.blocks).toBeLessThan(pages);
  },
);

/** What a service asks of PostgreSQL. */
async function statementsOf(use: (query: Pool['query']) => Promise<unknown>): Promise<Statement[]> {
  const asked: Statement[] = [];
  const query = (text: string, values: unknown[]) => {
    asked.push({ text, values });
    return pool.query(text, values);
  };
  await use(query as Pool['query']);
  return asked;
}

type Node = { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; Plans?: Node[] } & Record<
  string,
  unknown
>;

async function explain({ text, values }: Statement) {
  const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `explain (analyze, buffers, format json) ${text}`,
    values,
  );
  const top = rows[0]?.['QUERY PLAN'][0].Plan;
  const nodes: Node[] = [];
  for (const waiting = top ? [top] : []; waiting.length;) {
    const node = waiting.pop() as Node;
    nodes.push(node);
    waiting.push(...(node.Plans ?? []));
  }
  return {
    scans: nodes.map((node) => `${node['Node Type']} on ${node['Relation Name']}`),
    indexes: nodes.map((node) => node['Index Name']),
    blocks: Number(top?.['Shared Hit Blocks']) + Number(top?.['Shared Read Blocks']),
  };
}
