import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { epochNow, startCluster, type Cluster } from '#revocations/test/cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const ending = { cause: 'session_ended', actor: 'cli:test' } as const;

test('R-35: a person sees the live sessions with the applications that were entered', async () => {
  const { sessions } = cluster.node();
  await cluster.pool.query(
    `insert into client (id, name, first_party, metadata, created_at, updated_at)
     select id, id, true, '{}', now(), now() from unnest(array['shop', 'forum']) id`,
  );
  const { accountId, uid } = await cluster.signedIn();
  const other = await cluster.signedIn(accountId, 'forum');
  const expired = await cluster.signedIn(accountId);
  await cluster.signedIn();
  await cluster.pool.query(`update sso_session set expires_at = now() - interval '1 second' where uid = $1`, [
    expired.uid,
  ]);
  await cluster.pool.query(`update sso_session set last_used_at = now() - interval '1 hour' where uid = $1`, [
    other.uid,
  ]);

  expect(await sessions.list(accountId)).toMatchObject([
    { id: uid, applications: ['shop'] },
    { id: other.uid, applications: ['forum'] },
  ]);
});

test('R-33: ending a session removes its row, grants and refresh tokens, and every token of it is dead, at every application', async () => {
  const { sessions } = cluster.node();
  const { accountId, uid, token } = await cluster.signedIn();
  const other = await cluster.signedIn(accountId);

  expect(await sessions.end(cluster.em(), { uid, ...ending })).toBe('published');

  expect((await sessions.list(accountId)).map(({ id }) => id)).toEqual([other.uid]);
  expect(await refreshTokens(accountId)).toBe(1);
  const mirror = await cluster.mirror();
  expect(mirror.refuses(token)).toBe(true);
  expect(mirror.refuses({ ...token, sid: `${uid}.elsewhere`, client_id: 'forum', iat: epochNow() + 10 })).toBe(true); // in flight
  expect(mirror.refuses(other.token)).toBe(false);
});

test('ending all sessions reaches tokens whose session has expired, and spares a sign-in that follows at once', async () => {
  const { sessions } = cluster.node();
  const { accountId, token } = await cluster.signedIn();
  const expired = await cluster.signedIn(accountId);
  await cluster.pool.query('delete from sso_session where uid = $1', [expired.uid]);

  expect(await sessions.endAll(cluster.em(), { accountId, ...ending })).toEqual({ ended: 2, delivery: 'published' });
  const renewed = await cluster.signedIn(accountId);

  const mirror = await cluster.mirror();
  expect([token, expired.token, renewed.token].map(mirror.refuses)).toEqual([true, true, false]);
  expect(await refreshTokens(accountId)).toBe(1);
});

test('ban-bypass 7: when the ledger cannot be written the session goes on, with everything it had', async () => {
  const { sessions } = cluster.node();
  const { accountId, uid } = await cluster.signedIn();
  await cluster.pool.query('alter table revocation rename to revocation_away');
  try {
    await expect(sessions.end(cluster.em(), { uid, ...ending })).rejects.toThrow('revocation');
  } finally {
    await cluster.pool.query('alter table revocation_away rename to revocation');
  }
  expect(await sessions.list(accountId)).toHaveLength(1);
  expect(await refreshTokens(accountId)).toBe(1);
});

test('an ended session is in the audit log of the account it belonged to, and its entry ends with its tokens', async () => {
  const at = new Date('2030-05-05T10:00:00.500Z');
  const { sessions } = cluster.node({ now: () => at });
  const { accountId, uid } = await cluster.signedIn();
  await sessions.end(cluster.em(), { uid, ...ending });
  await sessions.end(cluster.em(), { uid: randomUUID(), ...ending }); // gone already: its tokens are ended all the same

  const { rows } = await cluster.pool.query(
    `select a.account_id, a.actor, r.issued_before, r.expires_at
     from audit_event a join revocation r on r.id::text = a.detail->>'revocation'
     where a.action = 'session.ended' and a.at = $1 order by a.account_id nulls last`,
    [at],
  );
  const entry = { actor: 'cli:test', issued_before: null, expires_at: new Date('2030-05-05T10:06:01.000Z') };
  expect(rows).toEqual([
    { account_id: accountId, ...entry },
    { account_id: null, ...entry },
  ]);
});

async function refreshTokens(accountId: string): Promise<number> {
  const { rows } = await cluster.pool.query<{ n: number }>(
    'select count(*)::int as n from refresh_family r join oidc_grant g on g.id = r.grant_id where g.account_id = $1',
    [accountId],
  );
  return rows[0]?.n ?? 0;
}
