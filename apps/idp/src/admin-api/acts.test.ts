import { randomUUID } from 'node:crypto';
import { createMirror, redisSource } from '@portcullis/revocation';
import { eventually, freePort } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimsOf, startIdp, type TestIdp } from '#harness.ts';
import { startCallers, type Caller, type Callers } from './test/caller.ts';

let idp: TestIdp;
let callers: Callers;
let adminId: string;
let admin: Caller;
beforeAll(async () => {
  idp = await startIdp();
  callers = await startCallers(idp);
  ({ id: adminId, call: admin } = await callers.as('admin'));
});
afterAll(() => idp[Symbol.asyncDispose]());

type Event = { action: string; actor: { id: string } | null; detail: Record<string, unknown> };
type BanBody = { id: string; state: string };

const ofThePerson = ['account.signed_in', 'application.entered', 'admin.viewed'];

/** What was done to an account, the newest first. */
async function activity(id: string): Promise<Event[]> {
  const { body } = await admin('GET', `/accounts/${id}/activity`);
  return (body['events'] as Event[]).filter(({ action }) => !ofThePerson.includes(action));
}

test('a ban: what it would end, the act, who enforces it, the history, the lifting', async () => {
  const [shop, forum] = [await idp.declare({ name: 'The Shop' }), await idp.declare({ name: 'A Forum' })];
  const { browser, account, access_token } = await idp.tokens(shop);
  await idp.tokens(forum, {}, { browser, account });
  await idp.tokens(shop, {}, { account });
  await using mirror = createMirror({ source: redisSource({ url: idp.redis.url }), app: 'shop', instance: 'shop-1' });
  await mirror.ready();
  const path = `/accounts/${account.id}/bans`;

  expect((await admin('POST', `${path}/preview`, {})).body).toEqual({
    sessions: 2,
    applications: ['A Forum', 'The Shop'],
    devices: 1,
  });
  expect((await admin('POST', `${path}/preview`, { clientIds: [forum] })).body).toMatchObject({
    sessions: 1,
    applications: ['A Forum'],
  });

  const { status, body } = await admin('POST', path, { reason: ' Spam. ', message: 'Write to us.' });
  expect(status).toBe(201);
  const ban = body['ban'] as BanBody;
  expect(body).toEqual({
    ban: {
      id: ban.id,
      account: { id: account.id, email: account.email, name: 'A person' },
      clientIds: null,
      reason: 'Spam.',
      message: 'Write to us.',
      bannedAt: expect.stringMatching(/Z$/),
      bannedBy: adminId,
      bannedByName: 'A person',
      until: null,
      liftedAt: null,
      liftedBy: null,
      liftedByName: null,
      state: 'in_force',
    },
    delivery: 'published',
  });
  expect(await eventually(() => mirror.check(claimsOf(access_token)).state === 'revoked')).toBe(true);
  const receipts = await eventually(async () => {
    const answer = (await admin('GET', `/bans/${ban.id}/receipts`)).body;
    return answer['complete'] && answer;
  });
  expect(receipts).toEqual({
    publishedAt: expect.stringMatching(/Z$/),
    mirrors: [
      {
        app: 'shop',
        instance: 'shop-1',
        state: 'enforced',
        afterMs: expect.any(Number),
        lastSeenMs: expect.any(Number),
      },
    ],
    deliveries: [],
    complete: true,
  });

  expect((await admin('GET', `/accounts/${account.id}`)).body).toMatchObject({ status: 'banned', ban: { id: ban.id } });
  expect((await admin('GET', `/accounts/${account.id}/sessions`)).body).toEqual({ sessions: [] });
  expect((await admin('GET', '/bans?status=in_force&limit=1')).body).toMatchObject({ bans: [{ id: ban.id }] });
  expect((await admin('GET', `/accounts?status=banned&q=${account.email}`)).body).toMatchObject({
    accounts: [{ id: account.id }],
  });

  const lifted = await admin('POST', `${path}/lift`);
  expect(lifted).toMatchObject({
    status: 200,
    body: { bans: [{ id: ban.id, state: 'lifted', liftedBy: adminId }], delivery: 'published' },
  });
  expect((await admin('GET', `/bans/${ban.id}`)).body).toMatchObject({ id: ban.id, state: 'lifted' });
  expect((await idp.tokens(shop, {}, { account })).access_token).toBeTypeOf('string');
  expect(await admin('POST', `${path}/lift`)).toMatchObject({ status: 409, body: { error: 'not_banned' } });
  expect((await activity(account.id)).map(({ action, actor }) => [action, actor?.id])).toEqual([
    ['ban.lifted', adminId],
    ['ban.created', adminId],
  ]);
});

test('a ban that cannot be is refused with a reason, and leaves nothing behind', async () => {
  const id = await callers.account();
  const ban = async (body: object, of = id): Promise<unknown> => {
    const answer = await admin('POST', `/accounts/${of}/bans`, { reason: 'spam', ...body });
    return [answer.status, answer.body['error']];
  };
  expect(await ban({}, randomUUID())).toEqual([404, 'not_found']);
  expect(await ban({ clientIds: ['no-such-client'] })).toEqual([400, 'unknown_client']);
  expect(await ban({ until: new Date(Date.now() - 2000).toISOString() })).toEqual([409, 'until_is_past']);
  expect(await ban({}, adminId)).toEqual([409, 'cannot_ban_self']);
  expect(await ban({}, adminId.toUpperCase())).toEqual([409, 'cannot_ban_self']);
  const stranger = callers.caller(await callers.token({ roles: ['admin'] }));
  const last = await stranger('POST', `/accounts/${adminId}/bans`, { reason: 'spam' });
  expect([last.status, last.body['error']]).toEqual([409, 'last_admin']);
  expect(await idp.sql('select 1 from ban where account_id in (?, ?)', [id, adminId])).toEqual([]);
  expect(await activity(id)).toEqual([]);
});

test('five hundred accounts are banned in one go, in seconds, each with an answer of its own', async () => {
  const forum = await idp.declare();
  const people = await idp.sql<{ id: string }>(
    `insert into account (id, email, email_normalized, name, created_at)
     select gen_random_uuid(), 'bot-' || n || '@x.org', 'bot-' || n || '@x.org', 'Bot', now() from generate_series(1, 498) n
     returning id`,
  );
  const missing = randomUUID();
  const accountIds = [missing, ...people.map(({ id }) => id), adminId];

  expect((await admin('POST', '/bans/bulk/preview', { accountIds })).body).toEqual({
    accounts: 499,
    sessions: 0,
    applications: [],
    devices: 0,
  });
  const started = process.cpuUsage();
  const { status, body } = await admin('POST', '/bans/bulk', { accountIds, reason: 'bots', clientIds: [forum] });
  const { user, system } = process.cpuUsage(started);

  expect(status).toBe(200);
  expect(body['delivery']).toMatch(/^(published|pending)$/); // Redis may need more than the answer waits for
  const results = body['results'] as { accountId: string; ok: boolean }[];
  expect(results.map(({ accountId }) => accountId)).toEqual(accountIds);
  expect(results[0]).toEqual({ accountId: missing, ok: false, error: 'not_found' });
  expect(results[499]).toEqual({ accountId: adminId, ok: false, error: 'cannot_ban_self' });
  expect(results.filter(({ ok }) => ok)).toHaveLength(498);
  expect(await idp.sql(`select count(*)::int as n from ban where reason = 'bots'`)).toEqual([{ n: 498 }]);
  expect((user + system) / 1e6).toBeLessThan(8); // of this process, so whatever else the machine does; two when it does nothing
}, 60_000);

test('sessions and applications of a person: looked at, and ended', async () => {
  const shop = await idp.declare({ name: 'The Shop' });
  const { account } = await idp.tokens(shop);
  await idp.tokens(shop, {}, { account });
  const stranger = await idp.tokens(shop);
  const sessionsOf = async (id: string) =>
    (await admin('GET', `/accounts/${id}/sessions`)).body['sessions'] as { id: string; applications: string[] }[];
  const [first, second] = await sessionsOf(account.id);
  const [foreign] = await sessionsOf(stranger.account.id);
  expect(first?.applications).toEqual(['The Shop']);
  expect((await admin('GET', `/accounts/${account.id}/applications`)).body).toMatchObject({
    applications: [{ clientId: shop, name: 'The Shop', sessions: 2 }],
  });

  expect(await admin('DELETE', `/accounts/${account.id}/sessions/${foreign?.id}`)).toMatchObject({ status: 404 });
  expect((await admin('DELETE', `/accounts/${account.id}/sessions/${first?.id}`)).body).toEqual({
    ended: 1,
    delivery: 'published',
  });
  expect((await sessionsOf(account.id)).map(({ id }) => id)).toEqual([second?.id]);
  expect((await admin('DELETE', `/accounts/${account.id}/applications/${shop}`)).body).toEqual({
    delivery: 'published',
  });
  expect(await admin('DELETE', `/accounts/${account.id}/applications/${shop}`)).toMatchObject({ status: 404 });
  expect((await admin('DELETE', `/accounts/${account.id}/sessions`)).body).toEqual({ ended: 1, delivery: 'published' });
  expect(await sessionsOf(account.id)).toEqual([]);
  expect(await sessionsOf(stranger.account.id)).toHaveLength(1);
});

test('R-67: roles are given and taken, but nobody changes their own account, and one administrator stays', async () => {
  const id = await callers.account(['admin']);
  const stranger = callers.caller(await callers.token({ roles: ['admin'] }));
  const setRoles = (of: string, roles: string[], by = admin) => by('PUT', `/accounts/${of}/roles`, { roles });

  expect(await setRoles(id, ['support', 'analyst'])).toMatchObject({ status: 200, body: { delivery: 'published' } });
  expect((await admin('GET', `/accounts/${id}`)).body).toMatchObject({ roles: ['analyst', 'support'] });
  expect((await activity(id))[0]).toMatchObject({ action: 'account.roles_changed', actor: { id: adminId } });
  for (const refused of [
    await setRoles(adminId, ['admin', 'analyst']),
    await admin('DELETE', `/accounts/${adminId}`),
    await admin('POST', `/accounts/${adminId}/disable`),
  ])
    expect(refused).toMatchObject({ status: 409, body: { error: 'cannot_change_self' } });
  for (const refused of [
    await setRoles(adminId, [], stranger),
    await stranger('DELETE', `/accounts/${adminId}`),
    await stranger('POST', `/accounts/${adminId}/disable`),
  ])
    expect(refused).toMatchObject({ status: 409, body: { error: 'last_admin' } });

  expect(await admin('POST', `/accounts/${id}/enable`)).toMatchObject({ status: 409, body: { error: 'not_disabled' } });
  expect(await admin('POST', `/accounts/${id}/disable`)).toMatchObject({ status: 200 });
  expect((await admin('GET', `/accounts/${id}`)).body).toMatchObject({ status: 'disabled' });
  expect(await admin('POST', `/accounts/${id}/enable`)).toMatchObject({ status: 200 });
  expect(await admin('DELETE', `/accounts/${id}`)).toMatchObject({ status: 200, body: { delivery: 'published' } });
  expect(await admin('GET', `/accounts/${id}`)).toMatchObject({ status: 404, body: { error: 'not_found' } });
});

test('an application is switched off and on, and everybody is signed out', async () => {
  const shop = await idp.declare({ name: 'Off and on' });
  const { account } = await idp.tokens(shop);
  const listed = async () =>
    ((await admin('GET', '/clients')).body['clients'] as { id: string; disabledAt: string | null }[]).find(
      ({ id }) => id === shop,
    );

  expect(await listed()).toEqual({ id: shop, name: 'Off and on', disabledAt: null });
  expect(await admin('POST', `/clients/${shop}/disable`)).toMatchObject({
    status: 200,
    body: { delivery: 'published' },
  });
  expect((await listed())?.disabledAt).toMatch(/Z$/);
  expect(await admin('POST', `/clients/${shop}/enable`)).toMatchObject({ status: 200 });
  expect(await admin('POST', `/clients/${shop}/enable`)).toMatchObject({
    status: 409,
    body: { error: 'not_disabled' },
  });
  expect(await admin('POST', '/clients/none/disable')).toMatchObject({ status: 404 });

  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await admin('POST', '/revocations/everyone', { before: later })).toMatchObject({
    status: 409,
    body: { error: 'in_future' },
  });
  const now = new Date().toISOString();
  const token = await callers.token({ sub: adminId, roles: ['admin'] });
  expect(await callers.caller(token)('POST', '/revocations/everyone', { before: now })).toMatchObject({ status: 200 });
  expect(await admin('GET', '/overview')).toMatchObject({ status: 401 });
  expect(await idp.sql('select 1 from sso_session where account_id = ?', [account.id])).toEqual([]);
  await eventually(async () => {
    admin = callers.caller(await callers.token({ sub: adminId, roles: ['admin'] }));
    return (await admin('GET', '/overview')).status === 200;
  });
});

test('who looked at a person is in that person’s history, once however many pages it took, and an export in the log', async () => {
  const id = await callers.account();
  await admin('GET', `/accounts/${id}`);
  await admin('GET', `/accounts/${id}/sessions`);
  await admin('GET', `/accounts/${id}/activity`);
  const { body } = await admin('GET', `/audit?accountId=${id}&action=admin.viewed&actor=${adminId}`);
  expect(body['events']).toHaveLength(1);

  const csv = await admin('GET', `/audit/export?accountId=${id}`);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"$/);
  expect(String(csv.body['text']).trimEnd().split('\r\n')).toHaveLength(2);
  const ndjson = await admin('GET', `/audit/export?accountId=${id}&format=ndjson`);
  expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson');
  expect(
    String(ndjson.body['text'])
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Event).action),
  ).toEqual(['admin.viewed']);
  expect((await admin('GET', '/audit?action=audit.exported')).body).toMatchObject({
    events: [
      { actor: { id: adminId }, detail: { format: 'ndjson', accountId: id } },
      { actor: { id: adminId }, detail: { format: 'csv', accountId: id } },
    ],
  });
});

test('a webhook is added, told of what happens, shown without its secret, and removed', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const added = await admin('POST', '/webhooks', { name: 'siem', url, causes: ['ban'] });
  expect(added).toMatchObject({ status: 201, body: { webhook: { name: 'siem', url, createdBy: adminId } } });
  expect(added.body['secret']).toMatch(/^whsec_/);
  expect(await admin('POST', '/webhooks', { name: 'siem', url })).toMatchObject({
    status: 409,
    body: { error: 'name_taken' },
  });
  for (const bad of [
    { url: 'http://siem.example/' },
    { url: 'https://a:b@siem.example/' },
    { url, causes: ['weather'] },
  ])
    expect(await admin('POST', '/webhooks', { name: 'other', ...bad })).toMatchObject({ status: 400 });
  const list = (await admin('GET', '/webhooks')).body;
  expect(list).toMatchObject({ webhooks: [{ name: 'siem', causes: ['ban'], enabled: true }] });
  expect(JSON.stringify(list)).not.toContain('secret');

  const { body } = await admin('POST', `/accounts/${await callers.account()}/bans`, { reason: 'spam' });
  const { id } = body['ban'] as BanBody;
  const delivery = { channel: 'webhook', recipient: 'siem' };
  await eventually(async () => {
    const { deliveries } = (await admin('GET', '/webhooks/siem/deliveries')).body as {
      deliveries: { state: string }[];
    };
    return deliveries[0]?.state === 'retrying';
  });
  expect((await admin('GET', `/bans/${id}/receipts`)).body).toMatchObject({ deliveries: [delivery], complete: false });
  expect(await admin('DELETE', '/webhooks/siem')).toMatchObject({ status: 200, body: {} });
  expect(await admin('DELETE', '/webhooks/siem')).toMatchObject({ status: 404 });
});

test('the overview counts what there is', async () => {
  const before = (await admin('GET', '/overview')).body;
  const { account } = await idp.tokens(await idp.declare());
  await admin('POST', `/accounts/${await callers.account()}/bans`, { reason: 'spam' });
  const after = (await admin('GET', '/overview')).body;
  const grown = (name: string) => Number(after[name]) - Number(before[name]);
  expect(account.id).toBeTypeOf('string');
  expect(
    ['accounts', 'activeSessions', 'bansInForce', 'liveRevocations', 'signInsLastDay', 'refusalsLastDay'].map(grown),
  ).toEqual([2, 1, 1, 1, 1, 0]);
});
