import { randomUUID } from 'node:crypto';
import { eventually, unique } from '@portcullis/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LedgerEntry } from '#revocations/entity.ts';
import { epochNow, startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { issueToken } from '#single-use/service.ts';
import { createAccountChanges } from './changes.ts';
import { createPasswords } from './passwords.ts';
import { policy } from './test/policy.ts';

const passwords = createPasswords();
const newPassword = 'a brand new password';

let cluster: Cluster;
let mirror: Awaited<ReturnType<Cluster['mirror']>>;
let changes: ReturnType<typeof createAccountChanges>;
beforeAll(async () => {
  cluster = await startCluster();
  const { ledger, post } = cluster.node();
  await ledger.reconcile();
  mirror = await cluster.mirror();
  changes = createAccountChanges({ ledger, post, policy, passwords });
});
afterAll(() => cluster[Symbol.asyncDispose]());
beforeEach(() => cluster.pool.query(`delete from account where 'admin' = any (roles)`));

test('a changed password ends every session, and a token still to be minted for one of them is dead whatever its iat', async () => {
  const { id } = await person();
  const [first, second] = [await cluster.signedIn(id), await cluster.signedIn(id, 'forum')];
  const stranger = await cluster.signedIn();

  const result = await changes.changePassword(cluster.em(), { accountId: id, password: newPassword, actor: id });

  expect(result).toEqual({ ok: true, delivery: 'published' });
  expect(await open(id)).toEqual({ sessions: 0, grants: 0, families: 0 });
  const inFlight = epochNow() + 30;
  await eventually(() => [first, second].every(({ token }) => mirror.refuses({ ...token, iat: inFlight })));
  expect(mirror.refuses(stranger.token)).toBe(false);
  // The first sign-in with the new password, within the very second.
  expect(mirror.refuses({ ...first.token, sid: 'new.session', iat: epochNow() })).toBe(false);
  expect(await causes(first.uid, second.uid)).toEqual(['password_changed', 'password_changed']);
  expect(await events(id)).toEqual([['account.password_changed', id, { sessionsEnded: 2 }]]);
});

test('the session in which the password was changed may stay', async () => {
  const { id } = await person();
  const [kept, other] = [await cluster.signedIn(id), await cluster.signedIn(id)];

  await changes.changePassword(cluster.em(), {
    accountId: id,
    password: newPassword,
    actor: id,
    keepSessionUid: kept.uid,
  });

  await eventually(() => mirror.refuses(other.token));
  expect(mirror.refuses(kept.token)).toBe(false);
  expect(await open(id)).toEqual({ sessions: 1, grants: 1, families: 1 });
});

test('only the new password is right from then on; one that is too short changes nothing', async () => {
  const { id } = await person();
  const { token } = await cluster.signedIn(id);
  const change = (password: string) => changes.changePassword(cluster.em(), { accountId: id, password, actor: id });

  expect(await change('too short')).toEqual({ ok: false, reason: 'password_too_short' });
  expect(mirror.refuses(token)).toBe(false);
  await change(newPassword);
  const [row] = (await cluster.pool.query('select password_hash, password_changed_at from account where id = $1', [id]))
    .rows;
  expect(await passwords.verify(row.password_hash, newPassword)).toBe(true);
  expect(row.password_changed_at.getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(
    await changes.changePassword(cluster.em(), { accountId: randomUUID(), password: newPassword, actor: null }),
  ).toEqual({ ok: false, reason: 'not_found' });
});

test('whoever locks their account because somebody else was in keeps it: it is not deleted, and the link that would have kept it is dead', async () => {
  const { id } = await person();
  await cluster.pool.query(`update account set deletion_at = now() + interval '14 days' where id = $1`, [id]);
  await issueToken(cluster.em(), { purpose: 'deletion_cancel', accountId: id, lifeSeconds: 3600 });

  expect((await changes.requireNewPassword(cluster.em(), { accountId: id, actor: id })).ok).toBe(true);

  const { rows } = await cluster.pool.query('select deletion_at, password_hash from account where id = $1', [id]);
  expect(rows).toEqual([{ deletion_at: null, password_hash: null }]);
  const links = await cluster.pool.query('select 1 from single_use_token where account_id = $1', [id]);
  expect(links.rowCount).toBe(0);
  expect((await events(id)).map(([action]) => action)).toEqual(
    expect.arrayContaining(['account.password_disabled', 'account.deletion_cancelled']),
  );
});

test('changed roles: tokens from before are dead as such, and nobody is signed out', async () => {
  const { id } = await person();
  const { token } = await cluster.signedIn(id);

  const changed = await changes.setRoles(cluster.em(), {
    accountId: id,
    roles: ['moderator', 'analyst', 'moderator'],
    actor: 'cli:test',
  });

  expect(changed).toEqual({ ok: true, delivery: 'published' });
  await eventually(() => mirror.refuses(token));
  const verdict = mirror.check(token);
  expect(verdict.state === 'revoked' && verdict.entry.cause).toBe('roles_changed');
  expect(mirror.refuses({ ...token, iat: epochNow() + 2 })).toBe(false);
  expect(await open(id)).toEqual({ sessions: 1, grants: 1, families: 1 });
  expect(await rolesOf(id)).toEqual(['analyst', 'moderator']);
});

test('the last administrator keeps the role and the account', async () => {
  const { id } = await person(['admin']);
  const act = { accountId: id, actor: null };
  const refused = { ok: false, reason: 'last_admin' };

  expect(await changes.setRoles(cluster.em(), { ...act, roles: [] })).toEqual(refused);
  expect(await changes.disable(cluster.em(), act)).toEqual(refused);
  expect(await changes.remove(cluster.em(), act)).toEqual(refused);
  expect(await events(id)).toEqual([]);

  const other = await person(['admin']);
  await changes.disable(cluster.em(), { accountId: other.id, actor: null });
  expect(await changes.remove(cluster.em(), act)).toEqual(refused); // one who is switched off cannot stand in
  await changes.enable(cluster.em(), { accountId: other.id, actor: null });
  expect(await changes.remove(cluster.em(), act)).toMatchObject({ ok: true });
});

test('two administrators who take the role from each other at the same moment: one stays', async () => {
  for (let i = 0; i < 20; i += 1) {
    const [ada, ben] = [await person(['admin']), await person(['admin'])];
    const demote = ({ id }: { id: string }, actor: string) =>
      changes.setRoles(cluster.em(), { accountId: id, roles: [], actor });

    const results = await Promise.all([demote(ada, ben.id), demote(ben, ada.id)]);

    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect([await rolesOf(ada.id), await rolesOf(ben.id)].flat()).toEqual(['admin']);
    await cluster.pool.query(`delete from account where 'admin' = any (roles)`);
  }
});

test('whatever is done to administrators at once, in whatever order: one who can sign in is left', async () => {
  const acts = ['demote', 'remove', 'disable'] as const;
  const act = fc.record({ who: fc.nat({ max: 3 }), what: fc.constantFrom(...acts) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 8 }), async (tried) => {
      await cluster.pool.query(`delete from account where 'admin' = any (roles)`);
      const admins = await Promise.all(Array.from({ length: 4 }, () => person(['admin'])));
      await Promise.all(
        tried.map(({ who, what }) => {
          const one = { accountId: admins[who]?.id ?? '', actor: null };
          if (what === 'demote') return changes.setRoles(cluster.em(), { ...one, roles: [] });
          return changes[what](cluster.em(), one);
        }),
      );
      const { rowCount } = await cluster.pool.query(`select from account_for_tokens where 'admin' = any (roles)`);
      expect(rowCount).toBeGreaterThan(0);
    }),
    { numRuns: 25 },
  );
});

test('a deleted account: nothing of the person is left but the bare id in history, and every token is dead', async () => {
  const { id, email } = await person();
  const { token } = await cluster.signedIn(id);
  await cluster.node().bans.ban(cluster.em(), { accountId: id, reason: 'spam', actor: null });

  expect(await changes.remove(cluster.em(), { accountId: id, actor: 'cli:test' })).toMatchObject({ ok: true });

  await eventually(() => mirror.refuses({ ...token, sid: 'x', iat: epochNow() + 30 }));
  expect(await open(id)).toEqual({ sessions: 0, grants: 0, families: 0 });
  expect((await cluster.pool.query('select 1 from account where email = $1', [email])).rowCount).toBe(0);
  expect((await cluster.pool.query('select 1 from ban where account_id = $1', [id])).rowCount).toBe(1);
  const entry = await cluster
    .em()
    .findOneOrFail(LedgerEntry, { cause: 'account_deleted', target: { kind: 'account', sub: id } });
  // No token can be alive by then, so the entry goes by itself.
  expect(entry).toMatchObject({ issuedBefore: null, expiresAt: expect.any(Date) });
  expect((entry.expiresAt?.getTime() ?? 0) - Date.now()).toBeLessThan(362_000);
  expect((await events(id)).at(-1)).toEqual(['account.deleted', 'cli:test', {}]);
  expect(await changes.remove(cluster.em(), { accountId: id, actor: null })).toEqual({
    ok: false,
    reason: 'not_found',
  });
});

test('switched off: every token is dead, those in flight too; switched on: old ones stay dead and new ones live at once', async () => {
  const { id } = await person();
  const { token } = await cluster.signedIn(id);
  const act = { accountId: id, actor: null };
  expect(await changes.enable(cluster.em(), act)).toEqual({ ok: false, reason: 'not_disabled' });

  expect(await changes.disable(cluster.em(), act)).toMatchObject({ ok: true });
  await eventually(() => mirror.refuses({ ...token, sid: 'in flight', iat: epochNow() + 30 }));
  const late = await cluster.signedIn(id); // what a request in flight stored afterwards

  expect(await changes.enable(cluster.em(), act)).toMatchObject({ ok: true });
  const iat = epochNow();
  await eventually(() => !mirror.refuses({ ...token, sid: 'new', iat }));
  expect([token, late.token].map((old) => mirror.refuses(old))).toEqual([true, true]);
  expect(await open(id)).toEqual({ sessions: 0, grants: 0, families: 0 });
  expect((await events(id)).map(([action]) => action)).toEqual(['account.disabled', 'account.enabled']);
});

test('a transaction that fails leaves nothing: no entry, no event, no ended session', async () => {
  const { id } = await person();
  const { token } = await cluster.signedIn(id);
  const failing = createAccountChanges({
    passwords,
    policy,
    post: cluster.node().post,
    ledger: { ...cluster.node().ledger, record: () => Promise.reject(new Error('the disk is full')) },
  });

  await expect(failing.remove(cluster.em(), { accountId: id, actor: null })).rejects.toThrow('the disk is full');

  expect(await open(id)).toEqual({ sessions: 1, grants: 1, families: 1 });
  expect(await events(id)).toEqual([]);
  expect(mirror.refuses(token)).toBe(false);
});

async function person(roles: string[] = []): Promise<{ id: string; email: string }> {
  const [id, email] = [randomUUID(), `${unique('person')}@example.org`];
  await cluster.pool.query(
    `insert into account (id, email, email_normalized, email_verified, name, roles, created_at)
     values ($1, $2, $2, true, 'A person', $3, now())`,
    [id, email, roles],
  );
  return { id, email };
}

async function rolesOf(id: string): Promise<string[]> {
  const { rows } = await cluster.pool.query<{ roles: string[] }>('select roles from account where id = $1', [id]);
  return rows[0]?.roles ?? [];
}

async function open(id: string) {
  const { rows } = await cluster.pool.query(
    `select (select count(*)::int from sso_session where account_id = $1) as sessions,
            (select count(*)::int from oidc_grant where account_id = $1) as grants,
            (select count(*)::int from refresh_family f join oidc_grant g on g.id = f.grant_id where g.account_id = $1) as families`,
    [id],
  );
  return rows[0];
}

async function events(id: string): Promise<[string, string | null, Record<string, unknown>][]> {
  const { rows } = await cluster.pool.query(
    `select action, actor, detail from audit_event where account_id = $1 and action like 'account.%' order by at`,
    [id],
  );
  return rows.map(({ action, actor, detail }) => [action, actor, detail]);
}

async function causes(...sids: string[]): Promise<string[]> {
  const { rows } = await cluster.pool.query<{ cause: string }>(
    `select cause from revocation where target ->> 'sid' = any ($1)`,
    [sids],
  );
  return rows.map(({ cause }) => cause);
}
