import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startIdp, type TestIdp } from '#harness.ts';
import { adminRoutes } from './routes.ts';
import { startCallers, type Caller, type Callers } from './test/caller.ts';

let idp: TestIdp;
let callers: Callers;
let adminId: string;
let admin: Caller;
let before: string;
beforeAll(async () => {
  idp = await startIdp();
  callers = await startCallers(idp);
  ({ id: adminId, call: admin } = await callers.as('admin'));
});
beforeEach(async () => {
  before = await everything();
});
afterAll(() => idp[Symbol.asyncDispose]());

const routes = adminRoutes({} as Parameters<typeof adminRoutes>[0]);
const lines = routes.map(({ method, path, params, body }) => ({
  method: method.toUpperCase(),
  path,
  line: `${method} ${path}`,
  hasParams: Object.keys(params.shape).length > 0,
  hasBody: body !== null,
}));
const goodPath = (path: string): string => path.replace(':clientId', 'shop').replace(/:\w+/g, randomUUID());

/** Every row that an act may touch. */
async function everything(): Promise<string> {
  const tables = [
    'account',
    'ban',
    'sso_session',
    'oidc_grant',
    'refresh_family',
    'revocation',
    'client',
    'delivery',
    'webhook',
    'audit_event',
  ];
  const rows = await Promise.all(
    tables.map((table) => idp.sql(`select to_jsonb(t) - 'published_at' - 'seq' as row from ${table} t order by 1`)),
  );
  return JSON.stringify(rows);
}

async function expectRefusal(answer: ReturnType<Caller>, status: number, error: string): Promise<void> {
  const { status: given, body } = await answer;
  expect([given, body]).toEqual([status, { error, message: expect.any(String), request_id: expect.any(String) }]);
  expect(await everything()).toBe(before);
}

test.each(lines)(
  'R-64: $line takes no field of the query that it does not know, and none twice',
  async ({ method, path, hasBody }) => {
    const body = hasBody ? {} : undefined;
    await expectRefusal(admin(method, `${goodPath(path)}?orderBy=password_hash`, body), 400, 'invalid_request');
    await expectRefusal(admin(method, `${goodPath(path)}?limit=1&limit=2`, body), 400, 'duplicate_field');
  },
);

test.each(lines.filter(({ hasParams }) => hasParams))(
  'R-64: $line takes no id that cannot be one',
  async ({ method, path, hasBody }) => {
    for (const id of ['%00', '1%20or%201', '%C3%A9', 'x'.repeat(300)])
      await expectRefusal(admin(method, path.replace(/:\w+/g, id), hasBody ? {} : undefined), 400, 'invalid_request');
  },
);

test.each(lines.filter(({ hasBody }) => hasBody))(
  'R-64: $line takes no body that it does not understand',
  async ({ method, path }) => {
    const address = goodPath(path);
    const id = randomUUID();
    const good = { reason: 'x', roles: [], accountIds: [id], before: '2020-01-01T00:00:00Z' };
    for (const body of [{ ...good, id: adminId }, { ...good, reason: { $ne: 1 } }, []])
      await expectRefusal(admin(method, address, body), 400, 'invalid_request');
    for (const body of ['null', '"x"', '{"__proto__":{"roles":["admin"]}}', '{', '{"reason":"x"', '\u0000'])
      await expectRefusal(admin(method, address, body), 400, 'unreadable_body');
    await expectRefusal(admin(method, address), 400, 'unexpected_format');
    expect((await admin(method, address, { reason: 'x'.repeat(70_000) })).status).toBe(413);
    expect(await everything()).toBe(before);
  },
);

test.each([
  'x',
  'e30',
  'bnVsbA',
  'W10',
  Buffer.from('["email"]').toString('base64url'),
  Buffer.from('["2026-11-22T10:00:00Z","x"]').toString('base64url'),
  Buffer.from('["99999-01-01","x",1]').toString('base64url'),
])('a cursor that this API has not made is refused: %s', async (after) => {
  for (const list of ['/accounts', '/bans', '/audit', `/accounts/${adminId}/activity`])
    await expectRefusal(admin('GET', `${list}?after=${after}`), 400, 'invalid_cursor');
});

test.each([
  'limit=0',
  'limit=1e3',
  'limit=-1',
  'limit=x',
  'limit=201',
  'after=%27',
  'after=',
  `after=${'x'.repeat(3000)}`,
])('a page that cannot be is refused: %s', async (query) => {
  for (const list of ['/accounts', '/bans', '/audit'])
    await expectRefusal(admin('GET', `${list}?${query}`), 400, 'invalid_request');
});

test('what is nowhere, and what an address does not do, is said in the same form', async () => {
  expect(await admin('GET', '/accounts/x/y/z')).toMatchObject({
    status: 404,
    body: { error: 'not_found', request_id: expect.any(String) },
  });
  expect(await admin('PATCH', '/overview', {})).toMatchObject({ status: 405, body: { error: 'method_not_allowed' } });
});

test('R-67: an act whose audit event cannot be written does not happen, whichever it is', async () => {
  const shop = await idp.declare();
  const off = await idp.declare();
  const { account, browser } = await idp.tokens(shop);
  const person = `/accounts/${account.id}`;
  const [disabled, banned] = [await callers.account(), await callers.account()];
  await admin('POST', `/accounts/${disabled}/disable`);
  await admin('POST', `/accounts/${banned}/bans`, { reason: 'spam' });
  await admin('POST', `/clients/${off}/disable`);
  await admin('POST', '/webhooks', { name: 'siem', url: 'https://siem.example/' });
  const { body } = await admin('GET', `${person}/sessions`);
  const [session] = body['sessions'] as { id: string }[];
  expect(browser.cookies.size).toBeGreaterThan(0);
  const acts: Record<string, () => ReturnType<Caller>> = {
    'post /clients/:id/disable': () => admin('POST', `/clients/${shop}/disable`),
    'post /clients/:id/enable': () => admin('POST', `/clients/${off}/enable`),
    'post /revocations/everyone': () => admin('POST', '/revocations/everyone', { before: new Date().toISOString() }),
    'delete /accounts/:id/sessions/:sid': () => admin('DELETE', `${person}/sessions/${session?.id}`),
    'delete /accounts/:id/sessions': () => admin('DELETE', `${person}/sessions`),
    'delete /accounts/:id/applications/:clientId': () => admin('DELETE', `${person}/applications/${shop}`),
    'put /accounts/:id/roles': () => admin('PUT', `${person}/roles`, { roles: ['support'] }),
    'delete /accounts/:id': () => admin('DELETE', person),
    'post /accounts/:id/disable': () => admin('POST', `${person}/disable`),
    'post /accounts/:id/enable': () => admin('POST', `/accounts/${disabled}/enable`),
    'post /accounts/:id/bans': () => admin('POST', `${person}/bans`, { reason: 'spam' }),
    'post /accounts/:id/bans/lift': () => admin('POST', `/accounts/${banned}/bans/lift`),
    'post /webhooks': () => admin('POST', '/webhooks', { name: 'pager', url: 'https://pager.example/' }),
    'delete /webhooks/:name': () => admin('DELETE', '/webhooks/siem'),
    'post /bans/bulk': () => admin('POST', '/bans/bulk', { accountIds: [account.id], reason: 'spam' }),
  };
  expect(Object.keys(acts).toSorted()).toEqual(
    routes
      .filter(({ need }) => need.recentSignIn)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
  );
  await idp.sql(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`,
  );
  await idp.sql('create trigger refuse before insert on audit_event for each row execute function refuse()');
  const state = await everything();

  for (const [line, act] of Object.entries(acts)) {
    const { status, body: answer } = await act();
    const bulk = line === 'post /bans/bulk';
    expect([line, status]).toEqual([line, bulk ? 200 : 500]);
    expect(JSON.stringify(answer)).not.toContain('disk full');
    expect(JSON.stringify(answer['results'] ?? [])).toBe(
      bulk ? JSON.stringify([{ accountId: account.id, ok: false, error: 'failed' }]) : '[]',
    );
    expect([line, await everything()]).toEqual([line, state]);
  }
  await idp.sql('drop trigger refuse on audit_event');
});
