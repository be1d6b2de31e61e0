import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Secret } from '@portcullis/config';
import { freshDatabase, startRedis, unique } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, createPool } from '#database/orm.ts';
import { connectRedis } from '#database/redis.ts';
import type { Outcome, Race } from './conformance-node.ts';
import { createPostgresArtifacts } from './postgres-artifacts.ts';
import { createRefreshHandles } from './refresh-handles.ts';
import { createRedisArtifacts } from './redis-artifacts.ts';
import { sidOf } from '#sessions/session-id.ts';

const resources = new AsyncDisposableStack();
const nodes: ChildProcess[] = [];
let stores: Awaited<ReturnType<typeof openStores>>;

beforeAll(async () => {
  stores = await openStores();
  for (let i = 0; i < 3; i += 1) {
    const node = fork(new URL('conformance-node.ts', import.meta.url), stores.urls);
    resources.defer(() => void node.kill());
    await once(node, 'message');
    nodes.push(node);
  }
}, 60_000);
afterAll(() => resources.disposeAsync());

describe('used 50 times at once over three processes, an artifact of 200 is accepted once', () => {
  test('authorization code; the loser ends the grant and its tokens (R-04)', { timeout: 120_000 }, async () => {
    const grants = await makeGrants(200);
    const codes = await Promise.all(
      grants.map(async (grant) => {
        const id = unique('code');
        await stores.redis.save('AuthorizationCode', id, { grantId: grant.id }, 600);
        return id;
      }),
    );
    await expectOneWinnerEach('AuthorizationCode', codes, /already used/);
    await expectDead(grants);
  });

  test('refresh token; the loser ends the family and its access tokens (R-11)', { timeout: 120_000 }, async () => {
    const grants = await makeGrants(200);
    const tokens = await Promise.all(
      grants.map(async (grant) => {
        const id = grant.id.replace('grant', 'family');
        await stores.postgres.insertRefreshFamily({ family: id, grantId: grant.id, payload: {}, ttlSeconds: 600 });
        return id;
      }),
    );
    await expectOneWinnerEach('RefreshToken', tokens, /already used/);
    await expectDead(grants);
  });

  test('pushed authorization request (R-17)', { timeout: 60_000 }, async () => {
    const ids = Array.from({ length: 200 }, () => unique('par'));
    await Promise.all(ids.map((id) => stores.redis.save('PushedAuthorizationRequest', id, {}, 60)));
    await expectOneWinnerEach('PushedAuthorizationRequest', ids, /already used|invalid_request_uri/);
  });

  test('jti of a client assertion (R-19)', { timeout: 60_000 }, async () => {
    const ids = Array.from({ length: 200 }, () => unique('jti'));
    await expectOneWinnerEach('ReplayDetection', ids, /seen/);
  });
});

test('of rotations asked for at once, those of a current token succeed, each once, and no other (R-11)', async () => {
  const [grant] = await makeGrants(1);
  const family = (name: string) => ({ family: unique(name), grantId: grant?.id ?? '', payload: {}, ttlSeconds: 600 });
  const [one, other] = [family('one'), family('other')];
  for (const made of [one, other]) await stores.postgres.insertRefreshFamily(made);
  const rotate = (name: string, rotation: number) =>
    stores.postgres.rotateRefreshFamily({ family: name, rotation }, 600);
  await rotate(one.family, 0);

  const asked: [string, number, boolean][] = [
    [one.family, 0, false],
    [one.family, 1, true],
    [one.family, 1, false],
    [other.family, 1, false],
    [other.family, 0, true],
    ['nobody', 0, false],
  ];
  const rotated = await Promise.all(asked.map(([name, rotation]) => rotate(name, rotation)));
  expect(rotated).toEqual(asked.map(([, , expected]) => expected));
  expect((await stores.postgres.findRefreshFamily(one.family))?.rotation).toBe(2);
});

test('a session that was ended is not brought back by a request that still holds it (R-33)', async () => {
  const accountId = await makeAccount();
  const session = { id: unique('s'), uid: unique('u'), accountId, payload: {}, ttlSeconds: 60 };
  await stores.postgres.insertSession(session, { userAgent: null, address: null, checkedAt: null });
  expect(await stores.postgres.findSessionByUid(session.uid)).toBeDefined();
  await stores.pool.query('delete from sso_session where uid = $1', [session.uid]);

  expect(await stores.postgres.updateSession({ ...session, id: unique('s') })).toBe(false);
  expect(await stores.postgres.findSessionByUid(session.uid)).toBeUndefined();
});

test('the store, not the node, decides that an artifact has expired', async () => {
  const [grant] = await makeGrants(1, -1);
  expect(await stores.postgres.findGrant(grant?.id ?? '')).toBeUndefined();
});

test('neither store holds what would make a code, a session cookie or a refresh token (R-14)', async () => {
  const [grant] = await makeGrants(1);
  const code = unique('secret-code');
  const handles = createRefreshHandles(new Secret('a key for tests that is long enough'));
  const refreshToken = handles.first();
  const { family = '' } = handles.read(refreshToken) ?? {};
  const payload = { jti: refreshToken };
  await stores.postgres.insertRefreshFamily({ family, grantId: grant?.id ?? '', payload, ttlSeconds: 60 });
  await stores.redis.save('AuthorizationCode', code, { jti: code }, 60);

  const { rows } = await stores.pool.query('select * from refresh_family');
  const keys = await stores.client.keys('*');
  const values = await Promise.all(keys.map((key) => stores.client.get(key).catch(() => '')));
  const held = JSON.stringify([rows, keys, values]);
  expect(held).toContain(family);
  expect(held).not.toContain(refreshToken.slice(-43));
  expect(held).not.toContain(code);
  expect((await stores.redis.find('AuthorizationCode', code))?.jti).toBe(code);
});

async function openStores() {
  const database = resources.use(await freshDatabase());
  const server = resources.use(await startRedis());
  const orm = connect({ url: database.url, poolSize: 2 });
  await orm.migrator.up();
  await orm.close();
  const pool = resources.adopt(createPool({ url: database.url, poolSize: 8, patienceMs: 30_000 }), (open) =>
    open.end(),
  );
  const client = resources.adopt(await connectRedis({ url: server.url, patienceMs: 30_000 }), (open) =>
    open.disconnect(),
  );
  return {
    urls: [database.url, server.url],
    pool,
    client,
    postgres: createPostgresArtifacts({ pool, reader: pool }),
    redis: createRedisArtifacts(client),
  };
}

type TestGrant = { id: string; sessionUid: string };

/** Each of a session of its own. */
async function makeGrants(count: number, ttlSeconds = 600): Promise<TestGrant[]> {
  const accountId = await makeAccount();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const grant = { id: unique('grant'), sessionUid: unique('uid') };
      const session = { id: unique('s'), uid: grant.sessionUid, accountId, payload: {}, ttlSeconds };
      await stores.postgres.insertSession(session, { userAgent: null, address: null, checkedAt: null });
      await stores.postgres.saveGrant({
        id: grant.id,
        accountId,
        clientId: 'shop',
        session: { uid: grant.sessionUid, isNew: false, checkedAt: null },
        outlivesSession: false,
        needsConsent: false,
        payload: {},
        ttlSeconds,
      });
      return grant;
    }),
  );
}

async function makeAccount(): Promise<string> {
  const id = randomUUID();
  await stores.pool.query(
    `insert into account (id, email, email_normalized, name, created_at) values ($1, $2, $2, 'A person', now())`,
    [id, unique('person')],
  );
  return id;
}

async function expectOneWinnerEach(model: string, ids: string[], refusal: RegExp): Promise<void> {
  const outcomes = await Promise.all(
    nodes.map(async (node, i) => {
      node.send({ model, ids, times: i === 0 ? 16 : 17 } satisfies Race);
      const [outcome] = (await once(node, 'message')) as [Outcome];
      return outcome;
    }),
  );
  expect(outcomes.flatMap(({ wins }) => wins).toSorted()).toEqual(ids.toSorted());
  const refusals = outcomes.flatMap(({ refusals: told }) => told);
  expect(refusals).toHaveLength(ids.length * 49);
  expect(refusals.filter((told) => !refusal.test(told) && told !== 'invalid_grant')).toEqual([]);
}

async function expectDead(grants: TestGrant[]): Promise<void> {
  const ids = grants.map(({ id }) => id);
  const { rows } = await stores.pool.query(
    `select (select count(*) from oidc_grant where id = any($1))::int as grants,
            (select count(*) from refresh_family where grant_id = any($1))::int as tokens,
            (select count(distinct target ->> 'sid') from revocation where target ->> 'sid' = any($2))::int as revoked`,
    [ids, grants.map(({ sessionUid, id }) => sidOf(sessionUid, id))],
  );
  expect(rows).toEqual([{ grants: 0, tokens: 0, revoked: grants.length }]);
}
