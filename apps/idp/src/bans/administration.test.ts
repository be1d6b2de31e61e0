import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { createBanHistory, type BanPosition, type BanRecord } from './history.ts';
import { createBanPreviews } from './preview.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
});
afterEach(() => cluster.pool.query('delete from account'));
afterAll(() => cluster[Symbol.asyncDispose]());

const why = { reason: 'spam', actor: 'cli:test' };

test('nobody bans themselves, and nobody the last administrator', async () => {
  const { bans } = cluster.node();
  const [root, plain] = [await account(['admin']), await account([])];
  const byRoot = { reason: 'spam', actor: root };

  expect(await bans.ban(cluster.em(), { ...byRoot, accountId: root })).toEqual({
    ok: false,
    reason: 'cannot_ban_self',
  });
  for (const clientIds of [undefined, ['shop']])
    expect(await bans.ban(cluster.em(), { ...why, accountId: root, ...(clientIds && { clientIds }) })).toEqual({
      ok: false,
      reason: 'last_admin',
    });
  expect(await tracesOf(root)).toEqual({ sessions: 0, bans: 0, entries: 0 });
  expect(await bans.ban(cluster.em(), { ...byRoot, accountId: plain })).toMatchObject({ ok: true });

  const second = await account(['admin']);
  expect(await bans.ban(cluster.em(), { ...byRoot, accountId: second })).toMatchObject({ ok: true });
});

test.each([2, 3])(
  'of two administrators who ban each other at once exactly one is banned, %i there are',
  async (admins) => {
    const { bans } = cluster.node();
    for (let round = 0; round < 5; round += 1) {
      const ids = await Promise.all(Array.from({ length: admins }, () => account(['admin'])));
      const [a = '', b = ''] = ids;

      const results = await Promise.all([
        bans.ban(cluster.em(), { reason: 'mutiny', accountId: a, actor: b }),
        bans.ban(cluster.em(), { reason: 'mutiny', accountId: b, actor: a }),
      ]);

      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(results).toContainEqual({ ok: false, reason: admins === 2 ? 'last_admin' : 'actor_cut_off' });
      expect([await bans.active(a), await bans.active(b)].filter(Boolean)).toHaveLength(1);
      await cluster.pool.query('delete from account');
    }
  },
);

test('many accounts are banned in one go: one that cannot be does not keep the others from it', async () => {
  const { bans } = cluster.node();
  const root = await account(['admin']);
  const people = await Promise.all(Array.from({ length: 20 }, () => cluster.signedIn()));
  const [broken] = people;
  await cluster.pool.query(`
    create function refuse_ban() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
    create trigger refuse_ban before insert on ban for each row
      when (new.account_id = '${broken?.accountId}') execute function refuse_ban()`);
  const ids = [root, ...people.map(({ accountId }) => accountId)];

  const { results, delivery } = await bans.banMany(cluster.em(), { ...why, actor: root, accountIds: ids });

  expect(delivery).toBe('published');
  expect(results.map(({ accountId }) => accountId)).toEqual(ids);
  expect(results[0]).toEqual({ accountId: root, ok: false, reason: 'cannot_ban_self' });
  expect(results[1]).toEqual({ accountId: broken?.accountId, ok: false, reason: 'failed' });
  expect(results.filter(({ ok }) => ok)).toHaveLength(19);
  expect(await tracesOf(broken?.accountId)).toEqual({ sessions: 1, bans: 0, entries: 0 });
  const mirror = await cluster.mirror();
  expect(people.map(({ token }) => mirror.refuses(token))).toEqual(people.map((person) => person !== broken));
});

test('what a ban would end is said before: sessions, applications by name, devices', async () => {
  const { accountId, uid } = await cluster.signedIn();
  await cluster.signedIn(accountId, 'forum');
  const third = await cluster.signedIn(accountId, 'forum');
  const over = await cluster.signedIn(accountId, 'chat');
  await cluster.pool.query(`insert into client (id, name, first_party, metadata, created_at, updated_at)
    values ('forum', 'The Forum', true, '{}', now(), now())`);
  await cluster.pool.query(`update sso_session set user_agent = 'Firefox' where uid = any ($1)`, [[uid, third.uid]]);
  await cluster.pool.query(`update sso_session set expires_at = now() where uid = $1`, [over.uid]);
  await cluster.pool.query(`update oidc_grant set expires_at = now() where id = $1`, [over.grantId]);
  const previews = createBanPreviews(cluster.pool);

  expect(await previews.of([accountId])).toEqual({
    accounts: 0,
    sessions: 3,
    applications: ['shop', 'The Forum'].toSorted(),
    devices: 2,
  });
  expect(await previews.of([accountId], ['forum'])).toMatchObject({
    sessions: 2,
    applications: ['The Forum'],
    devices: 2,
  });
  expect(await previews.of([await account([]), accountId, randomUUID()])).toMatchObject({ accounts: 1, sessions: 3 });
});

test('the history says of every ban what became of it, page by page, the newest first', async () => {
  const at = new Date('2032-01-01T00:00:00.000Z');
  const { bans } = cluster.node({ now: () => at });
  const history = createBanHistory({ pool: cluster.pool, now: () => at });
  const moderator = await account(['admin']);
  const accountId = await account([]);
  const ban = async (over: object = {}) => {
    at.setTime(at.getTime() + 10);
    const result = await bans.ban(cluster.em(), { reason: 'spam', actor: moderator, accountId, ...over });
    if (!result.ok) throw new Error(result.reason);
    return result.ban.id;
  };
  const lifted = await ban();
  await bans.lift(cluster.em(), { accountId, actor: 'cli:test' });
  at.setTime(at.getTime() + 1000);
  const expired = await ban({ until: new Date(at.getTime() + 5000) });
  at.setTime(at.getTime() + 10_000);
  const partial = await ban({ clientIds: ['forum'] });
  const short = await ban({ until: new Date(at.getTime() + 5000) });

  const states = (rows: BanRecord[]) => rows.map(({ id, state }) => [id, state]);
  const all = await history.ofAccount(accountId);
  expect(states(all)).toEqual([
    [short, 'in_force'],
    [partial, 'in_force'],
    [expired, 'expired'],
    [lifted, 'lifted'],
  ]);
  expect(all[0]?.account).toMatchObject({ id: accountId, name: 'A person' });
  expect(all[3]).toMatchObject({
    bannedBy: moderator,
    bannedByName: 'A person',
    liftedBy: 'cli:test',
    liftedByName: null,
  });
  expect((await history.inForce(accountId))?.id).toBe(short); // from everywhere, though the other lasts longer

  const pages = async (status?: 'in_force' | 'ended') => {
    const seen: string[] = [];
    for (let after: BanPosition | undefined; ;) {
      const page = await history.list({ limit: 3, ...(status && { status }), ...(after && { after }) });
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (!last) return seen;
      after = { at: last.bannedAt, id: last.id };
    }
  };
  const everything = await pages();
  expect(everything.slice(0, 4)).toEqual([short, partial, expired, lifted]);
  expect(new Set(everything).size).toBe(everything.length);
  expect((await pages('in_force')).slice(0, 2)).toEqual([short, partial]);
  expect((await pages('ended')).slice(0, 2)).toEqual([expired, lifted]);
  expect(new Set([...(await pages('in_force')), ...(await pages('ended'))])).toEqual(new Set(everything));
});

async function account(roles: string[]): Promise<string> {
  const id = randomUUID();
  await cluster.pool.query(
    `insert into account (id, email, email_normalized, name, roles, created_at) values ($1, $2, $2, 'A person', $3, now())`,
    [id, `${id}@example.org`, roles],
  );
  return id;
}

async function tracesOf(accountId: string | undefined): Promise<unknown> {
  const { rows } = await cluster.pool.query(
    `select (select count(*)::int from sso_session where account_id = $1) as sessions,
            (select count(*)::int from ban where account_id = $1) as bans,
            (select count(*)::int from revocation where target->>'sub' = $1::text) as entries`,
    [accountId],
  );
  return rows[0];
}
