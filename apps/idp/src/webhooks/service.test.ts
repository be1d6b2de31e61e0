import { createHmac, randomUUID } from 'node:crypto';
import { eventually, unique } from '@portcullis/testing';
import { afterAll, expect, test } from 'vitest';
import type { Cause } from '@portcullis/revocation';
import type { Received } from '#revocations/test/receiver.ts';
import { openSendingHouse } from '#revocations/test/sending.ts';

const house = await openSendingHouse();
const { cluster, receiver, sending } = house;
sending.start();
afterAll(() => house[Symbol.asyncDispose]());

async function newWebhook(causes?: Cause[]) {
  const [name, path] = [unique('siem'), `/${randomUUID()}`];
  const wanted = causes ? { causes } : {};
  const added = await sending.webhooks.add(cluster.em(), { name, url: receiver.url(path), actor: null, ...wanted });
  if (!added.ok) throw new Error('the name is taken');
  return { name, path, secret: added.secret };
}

async function ban(accountId: string): Promise<void> {
  await cluster.node().bans.ban(cluster.em(), { accountId, reason: 'spam', actor: 'cli:test' });
}

/** As a receiver does it that has read Standard Webhooks and not our code. */
function isGenuine({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

test('a ban is told with what a receiver needs to act on it, signed, and the lifting of the ban too', async () => {
  const { path, secret, name } = await newWebhook();
  const accountId = randomUUID();
  await ban(accountId);
  await eventually(() => receiver.at(path).length);
  await cluster.node().bans.lift(cluster.em(), { accountId, actor: null });
  await eventually(() => receiver.at(path).length === 2);

  const [banned, lifted] = receiver.at(path);
  if (!banned || !lifted) throw new Error('something did not come');
  expect([isGenuine(banned, secret), isGenuine(lifted, secret)]).toEqual([true, true]);
  expect(isGenuine({ ...banned, body: `${banned.body} ` }, secret)).toBe(false);
  expect(Math.abs(Number(banned.headers['webhook-timestamp']) - banned.at / 1000)).toBeLessThan(3);
  expect(banned.headers['content-type']).toBe('application/json');
  expect(JSON.parse(banned.body)).toEqual({
    id: banned.headers['webhook-id'],
    type: 'revocation.recorded',
    revocation: expect.any(String),
    cause: 'ban',
    target: { kind: 'account', sub: accountId },
    accountId,
    issuedBefore: null,
    expiresAt: null,
    actor: 'cli:test',
    occurredAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(JSON.parse(lifted.body)).toMatchObject({ type: 'revocation.lifted', cause: 'unban', accountId });
  await eventually(async () => (await sending.deliveries.pending()).waiting === 0);
  expect(await sending.deliveries.latestTo('webhook', name, 10)).toMatchObject([
    { state: 'delivered', attempts: 1 },
    { state: 'delivered', attempts: 1 },
  ]);
});

test('an entry for a session names the account it belonged to', async () => {
  const { path } = await newWebhook(['session_ended']);
  const { uid, accountId } = await cluster.signedIn();
  await sending.end(uid);
  await eventually(() => receiver.at(path).length);
  expect(JSON.parse(receiver.at(path)[0]?.body ?? '')).toMatchObject({ accountId, target: { kind: 'session' } });
});

test('a webhook hears of the causes it asked for, and a paused or removed one of nothing', async () => {
  const [bans, passwords, paused, removed] = [
    await newWebhook(['ban']),
    await newWebhook(['password_changed', 'factor_changed']),
    await newWebhook(),
    await newWebhook(),
  ];
  await sending.webhooks.setEnabled(cluster.em(), { name: paused.name, enabled: false, actor: null });
  await sending.webhooks.remove(cluster.em(), { name: removed.name, actor: null });
  await ban(randomUUID());
  await eventually(() => receiver.at(bans.path).length);
  for (const { name } of [passwords, paused, removed])
    expect(await sending.deliveries.latestTo('webhook', name, 10)).toEqual([]);
});

test('what was under way to a webhook that is removed is given up', async () => {
  const { name, path } = await newWebhook();
  receiver.answer(path, 500);
  await ban(randomUUID());
  await eventually(() => receiver.at(path).length);
  await sending.webhooks.remove(cluster.em(), { name, actor: null });
  await eventually(async () => (await sending.deliveries.latestTo('webhook', name, 1))[0]?.state === 'given_up');
  const [last] = await sending.deliveries.latestTo('webhook', name, 1);
  expect(last?.lastError).toBe('the webhook was removed or is paused');
});

test('a repetition is the same message: same id, same body, signed anew', async () => {
  const { path, secret } = await newWebhook();
  receiver.answer(path, 503);
  await ban(randomUUID());
  await eventually(() => receiver.at(path).length === 1);
  receiver.answer(path, 202);
  await eventually(() => receiver.at(path).length === 2, { withinMs: 10_000 });
  const [first, second] = receiver.at(path);
  if (!first || !second) throw new Error('something did not come');
  expect([second.headers['webhook-id'], second.body]).toEqual([first.headers['webhook-id'], first.body]);
  expect([isGenuine(first, secret), isGenuine(second, secret)]).toEqual([true, true]);
});

test('a ping goes the way of everything else', async () => {
  const { name, path, secret } = await newWebhook(['ban']);
  expect(await sending.webhooks.ping(cluster.em(), { name })).toEqual({ ok: true });
  await eventually(() => receiver.at(path).length);
  const [ping] = receiver.at(path);
  if (!ping) throw new Error('it did not come');
  expect(isGenuine(ping, secret)).toBe(true);
  expect(JSON.parse(ping.body)).toMatchObject({ type: 'webhook.ping' });
  expect(await sending.webhooks.ping(cluster.em(), { name: 'nobody' })).toEqual({ ok: false, reason: 'not_found' });
});

test('names are unique; the secret does not rest in the clear, and adding and removing are in the audit log', async () => {
  const { name, secret } = await newWebhook();
  const again = { name, url: receiver.url('/again'), actor: null };
  expect(await sending.webhooks.add(cluster.em(), again)).toEqual({ ok: false, reason: 'name_taken' });
  await sending.webhooks.remove(cluster.em(), { name, actor: 'cli:test' });
  const kept = await cluster.pool.query<{ all: string }>(`
    select coalesce(string_agg(w::text, ''), '') || (select string_agg(d::text, '') from delivery d)
           || (select string_agg(a::text, '') from audit_event a) as all from webhook w`);
  expect(kept.rows[0]?.all).not.toContain(secret.slice('whsec_'.length));
  const { rows } = await cluster.pool.query(
    `select action from audit_event where detail ->> 'name' = $1 order by at, action`,
    [name],
  );
  expect(rows).toEqual([{ action: 'webhook.added' }, { action: 'webhook.removed' }]);
});
