import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEveryone } from './everyone.ts';
import { epochNow, startCluster, type Cluster } from './test/cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('everybody who signed in before a moment is out: tokens dead at once, sessions and refresh tokens gone', async () => {
  const mirror = await cluster.mirror();
  const { pool } = cluster;
  const old = await cluster.signedIn();
  await pool.query(`update sso_session set created_at = now() - interval '4 minutes' where uid = $1`, [old.uid]);
  await pool.query(`update oidc_grant set created_at = now() - interval '4 minutes' where id = $1`, [old.grantId]);
  // More than a batch of people.
  await pool.query(`
    insert into oidc_grant (id, account_id, client_id, payload, created_at, expires_at)
    select 'crowd-' || n, gen_random_uuid(), 'shop', '{}', now() - interval '4 minutes', now() + interval '1 day'
    from generate_series(1, 12000) n`);
  const recent = await cluster.signedIn();
  const seen: number[] = [];
  const everyone = createEveryone({ ledger: cluster.node().ledger });
  const at = new Date(Date.now() - 120_000);

  const result = await everyone.before(cluster.em(), {
    at,
    actor: 'cli:test',
    reason: 'a leak',
    onProgress: ({ grants }) => seen.push(grants),
  });

  expect(result).toEqual({ ok: true, delivery: 'published', deleted: { sessions: 1, grants: 12_001 } });
  expect([...new Set(seen)]).toEqual([5000, 10_000, 12_001]);
  await eventually(() => mirror.refuses({ ...old.token, iat: epochNow() - 240 }));
  expect(mirror.refuses(recent.token)).toBe(false);
  const { rows } = await pool.query(
    `select (select array_agg(uid) from sso_session) as sessions, (select array_agg(id) from oidc_grant) as grants,
            (select count(*)::int from refresh_family) as families`,
  );
  expect(rows).toEqual([{ sessions: [recent.uid], grants: [recent.grantId], families: 1 }]);
  const events = await pool.query('select actor, detail from audit_event where action = $1', ['everyone.signed_out']);
  expect(events.rows).toEqual([{ actor: 'cli:test', detail: { before: at.toISOString(), reason: 'a leak' } }]);
});

test('now is a moment too; one that lies ahead is none', async () => {
  const { token } = await cluster.signedIn();
  const everyone = createEveryone({ ledger: cluster.node().ledger });

  const ahead = { at: new Date(Date.now() + 5000), actor: null };
  expect(await everyone.before(cluster.em(), ahead)).toEqual({ ok: false, reason: 'in_future' });
  expect(await everyone.before(cluster.em(), { at: new Date(), actor: null })).toMatchObject({ ok: true });

  const mirror = await cluster.mirror();
  expect(mirror.refuses(token)).toBe(true);
  expect((await cluster.pool.query('select 1 from oidc_grant')).rowCount).toBe(0);
});
