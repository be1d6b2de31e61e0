import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerEntry } from '#revocations/entity.ts';
import { epochNow, startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { Ban } from './entity.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const why = { reason: 'spam', actor: 'cli:test' };

test('R-34: a ban ends sessions, grants and refresh tokens in its transaction, with its audit event, and refuses sign-in', async () => {
  const { bans } = cluster.node();
  const person = await cluster.signedIn();
  const bystander = await cluster.signedIn();
  const { accountId } = person;

  const result = await bans.ban(cluster.em(), { ...why, accountId, message: 'Write to us.' });

  expect(result).toMatchObject({ ok: true, delivery: 'published' });
  expect(await rowsOf(accountId)).toEqual({ sessions: 0, grants: 0, refreshTokens: 0, bans: 1, entries: 1 });
  expect(await rowsOf(bystander.accountId)).toMatchObject({ sessions: 1, grants: 1, refreshTokens: 1 });
  expect(await bans.active(accountId)).toEqual({ message: 'Write to us.', until: null });
  expect(await bans.active(bystander.accountId)).toBeUndefined();
  expect(await auditOf(accountId)).toEqual([{ action: 'ban.created', actor: 'cli:test', reason: 'spam' }]);
});

test('a token that a request in flight mints after the ban is dead too', async () => {
  const { bans } = cluster.node();
  const { accountId, token } = await cluster.signedIn();
  await bans.ban(cluster.em(), { ...why, accountId });

  const mirror = await cluster.mirror();
  expect(mirror.refuses({ ...token, iat: epochNow() + 30 })).toBe(true);
  expect(mirror.refuses({ ...token, sub: randomUUID() })).toBe(false);
});

test('ban-bypass 7: when part of the ban cannot be written, nothing of it is', async () => {
  const { bans } = cluster.node();
  const { accountId } = await cluster.signedIn();
  await cluster.pool.query(`
    create function refuse_delete() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
    create trigger refuse_delete before delete on sso_session for each row
      when (old.account_id = '${accountId}') execute function refuse_delete()`);

  await expect(bans.ban(cluster.em(), { ...why, accountId })).rejects.toThrow('disk full');

  expect(await rowsOf(accountId)).toEqual({ sessions: 1, grants: 1, refreshTokens: 1, bans: 0, entries: 0 });
  expect(await auditOf(accountId)).toEqual([]);
  expect(await bans.active(accountId)).toBeUndefined();
});

test('ban-bypass 15: after unban old tokens stay dead and new ones work at once', async () => {
  const { bans } = cluster.node();
  const { accountId, token } = await cluster.signedIn();
  await bans.ban(cluster.em(), { ...why, accountId });
  const mirror = await cluster.mirror();
  const [entry] = await entriesOf(accountId);
  const banned = { ...token, iat: epochNow() };

  expect(await bans.lift(cluster.em(), { accountId, actor: 'cli:test' })).toMatchObject({
    ok: true,
    delivery: 'published',
  });

  const renewed = { ...token, sid: 'a-new-session.shop', iat: epochNow() };
  expect(await bans.active(accountId)).toBeUndefined();
  expect(await eventually(() => !mirror.refuses(renewed))).toBe(true);
  expect(mirror.refuses(token)).toBe(true);
  expect(mirror.refuses(banned)).toBe(true);
  const [lifted] = await entriesOf(accountId);
  expect(lifted).toMatchObject({ id: entry?.id, cause: 'unban' });
  expect(lifted?.seq).toBeGreaterThan(entry?.seq ?? Infinity);
  expect(secondsBetween(lifted?.issuedBefore, lifted?.expiresAt)).toBe(300 + 60);
  expect((await auditOf(accountId)).map(({ action }) => action)).toEqual(['ban.created', 'ban.lifted']);
});

test('until the lifted ban gives way, sign-in stays refused: nobody gets a token that is dead from the start', async () => {
  const at = new Date(Date.now() + 3_600_000);
  at.setMilliseconds(200);
  const { bans } = cluster.node({ now: () => at });
  const accountId = randomUUID();
  await bans.ban(cluster.em(), { ...why, accountId });
  await bans.lift(cluster.em(), { accountId, actor: null });
  const mirror = await cluster.mirror();
  const second = Math.floor(at.getTime() / 1000);

  expect(await bans.active(accountId)).toBeDefined();
  expect(mirror.refuses({ sub: accountId, iat: second })).toBe(true);
  at.setMilliseconds(1000);
  expect(await bans.active(accountId)).toBeUndefined();
  expect(mirror.refuses({ sub: accountId, iat: second + 1 })).toBe(false);
});

test('a ban with `until` lifts by itself on the second: tokens issued before stay dead until they have expired, later ones live', async () => {
  const at = new Date('2031-01-01T00:00:00.000Z');
  const until = new Date('2031-01-01T01:00:00.300Z'); // rounded up: 01:00:01
  const { bans } = cluster.node({ now: () => at });
  const accountId = randomUUID();
  await bans.ban(cluster.em(), { ...why, accountId, until });
  const opens = Date.parse('2031-01-01T01:00:01Z') / 1000;

  const mirror = await cluster.mirror();
  expect(mirror.refuses({ sub: accountId, iat: at.getTime() / 1000 + 1 })).toBe(true); // in flight at the ban
  expect(mirror.refuses({ sub: accountId, iat: opens - 1 })).toBe(true);
  expect(mirror.refuses({ sub: accountId, iat: opens })).toBe(false);
  const [entry] = await entriesOf(accountId);
  expect(entry?.expiresAt?.getTime()).toBe((opens - 1 + 300 + 60) * 1000); // the last dead token has expired by then

  at.setTime(opens * 1000 - 1);
  expect(await bans.active(accountId)).toEqual({ message: null, until: new Date(opens * 1000) });
  at.setTime(opens * 1000);
  expect(await bans.active(accountId)).toBeUndefined();
  expect(await bans.lift(cluster.em(), { accountId, actor: null })).toEqual({ ok: false, reason: 'not_banned' });
});

test('a ban that is over before it begins is refused', async () => {
  const { bans } = cluster.node();
  const accountId = randomUUID();
  const result = await bans.ban(cluster.em(), { ...why, accountId, until: new Date(Date.now() - 1000) });
  expect(result).toEqual({ ok: false, reason: 'until_is_past' });
  expect(await rowsOf(accountId)).toMatchObject({ bans: 0, entries: 0 });
});

test('a ban from named applications has an entry for each and leaves the rest of the person alone', async () => {
  const { bans } = cluster.node();
  const { accountId, token } = await cluster.signedIn();
  await cluster.signedIn(accountId, 'forum');

  await bans.ban(cluster.em(), { ...why, accountId, clientIds: ['forum', 'chat'] });

  expect(await rowsOf(accountId)).toEqual({ sessions: 2, grants: 1, refreshTokens: 1, bans: 1, entries: 2 });
  expect(await bans.active(accountId)).toBeUndefined();
  expect(await bans.active(accountId, 'shop')).toBeUndefined();
  expect(await bans.active(accountId, 'forum')).toBeDefined();
  const mirror = await cluster.mirror();
  expect(['shop', 'forum', 'chat'].map((client_id) => mirror.refuses({ ...token, client_id }))).toEqual([
    false,
    true,
    true,
  ]);
});

test('bans stack: a weaker one does not shorten a stronger one, and unban lifts them all', async () => {
  const { bans } = cluster.node();
  const accountId = randomUUID();
  await bans.ban(cluster.em(), { ...why, accountId });
  await bans.ban(cluster.em(), { ...why, accountId, until: new Date(Date.now() + 60_000), message: 'short' });
  expect(await bans.active(accountId)).toEqual({ message: null, until: null });

  const result = await bans.lift(cluster.em(), { accountId, actor: null });

  expect(result.ok && result.bans).toHaveLength(2);
  expect(await bans.active(accountId)).toBeUndefined();
  expect((await cluster.mirror()).refuses({ sub: accountId, iat: epochNow() })).toBe(false);
});

test('what a sign-in in flight stored after the ban had cleared does not survive the unban', async () => {
  const { bans } = cluster.node();
  const accountId = randomUUID();
  await bans.ban(cluster.em(), { ...why, accountId });
  await cluster.signedIn(accountId);

  await bans.lift(cluster.em(), { accountId, actor: null });

  expect(await rowsOf(accountId)).toMatchObject({ sessions: 0, grants: 0, refreshTokens: 0 });
});

test('an unban during the publication of its ban waits for it and is not lost', async () => {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = cluster.node({
    disturb: (publisher) => ({
      ...publisher,
      publish: async (entries) => {
        reached.resolve();
        await goOn.promise;
        await publisher.publish(entries);
      },
    }),
  });
  const { bans } = cluster.node();
  const accountId = randomUUID();
  const banning = slow.bans.ban(cluster.em(), { ...why, accountId });
  await reached.promise;

  const lifting = bans.lift(cluster.em(), { accountId, actor: null });
  await eventually(async () => (await waitingForLocks()) > 0);
  goOn.resolve();
  await Promise.all([banning, lifting]);

  const [entry] = await entriesOf(accountId);
  expect(entry).toMatchObject({ cause: 'unban', publishedAt: expect.any(Date) });
  expect((await cluster.mirror()).refuses({ sub: accountId, iat: epochNow() + 1 })).toBe(false);
});

test('F-03: with Redis down ban and unban are committed and reported as pending', async () => {
  const node = cluster.node();
  const accountId = randomUUID();
  await cluster.redis.kill();
  try {
    expect(await node.bans.ban(cluster.em(), { ...why, accountId })).toMatchObject({ ok: true, delivery: 'pending' });
    expect(await node.bans.active(accountId)).toBeDefined();
    expect(await rowsOf(accountId)).toMatchObject({ bans: 1, entries: 1 });
  } finally {
    await cluster.redis.restart();
  }
  await eventually(async () => (await node.ledger.publish()) === 'published');
  expect((await cluster.mirror()).refuses({ sub: accountId, iat: epochNow() })).toBe(true);
});

async function rowsOf(accountId: string): Promise<Record<string, number>> {
  const { rows } = await cluster.pool.query(
    `select (select count(*)::int from sso_session where account_id = $1) as sessions,
            (select count(*)::int from oidc_grant where account_id = $1) as grants,
            (select count(*)::int from refresh_family r join oidc_grant g on g.id = r.grant_id where account_id = $1) as "refreshTokens",
            (select count(*)::int from revocation where target->>'sub' = $1::text) as entries`,
    [accountId],
  );
  return { ...rows[0], bans: await cluster.em().count(Ban, { accountId }) };
}

async function auditOf(accountId: string): Promise<{ action: string; actor: string; reason: string }[]> {
  const { rows } = await cluster.pool.query(
    `select action, actor, detail->>'reason' as reason from audit_event where account_id = $1 order by at`,
    [accountId],
  );
  return rows;
}

function entriesOf(sub: string): Promise<LedgerEntry[]> {
  return cluster.em().find(LedgerEntry, { target: { kind: 'account', sub } });
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await cluster.pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

function secondsBetween(from: Date | null | undefined, to: Date | null | undefined): number {
  return ((to?.getTime() ?? NaN) - (from?.getTime() ?? NaN)) / 1000;
}
