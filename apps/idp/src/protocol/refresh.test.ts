import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '@portcullis/testing';
import { createPool } from '#database/orm.ts';
import { aSecond, claimsOf, mutilated, startIdp, type TestIdp } from '#harness.ts';
import { createPostgresArtifacts } from './postgres-artifacts.ts';

let idp: TestIdp;
let client: string;
let other: string;
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare();
  other = await idp.declare();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('R-11: every refresh gives a new refresh token, and the access token keeps its session and audience', async () => {
  const first = await idp.tokens(client);
  const { status, body } = await refresh(first.refresh_token);
  expect(status).toBe(200);
  expect(body['refresh_token']).not.toBe(first.refresh_token);
  const [before, after] = [claimsOf(first.access_token), claimsOf(body['access_token'])];
  expect(after['jti']).not.toBe(before['jti']);
  const { sub, sid, aud, scope, client_id, auth_time, acr } = before;
  expect(after).toMatchObject({ sub, sid, aud, scope, client_id, auth_time, acr });
  expect((await refresh(body['refresh_token'])).status).toBe(200);
});

test('R-11: a refresh token used again kills the family, and the ledger revokes its access tokens', async () => {
  const { refresh_token, access_token } = await idp.tokens(client);
  const second = await refresh(refresh_token);
  expect(second.status).toBe(200);

  const reuse = await refresh(refresh_token);
  expect([reuse.status, reuse.body['error']]).toEqual([400, 'invalid_grant']);
  expect((await refresh(second.body['refresh_token'])).status).toBe(400);
  expect(await causesFor(access_token)).toEqual(['refresh_reuse']);
});

test('R-11, A-07: of 20 uses of one refresh token at once at most one succeeds, and the family is dead', async () => {
  const { refresh_token, access_token } = await idp.tokens(client);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)));
  const won = answers.filter(({ status }) => status === 200);
  expect(won.length).toBeLessThanOrEqual(1);
  expect(answers.filter(({ status, body }) => status !== 200 && body['error'] !== 'invalid_grant')).toEqual([]);
  for (const { body } of won) expect((await refresh(body['refresh_token'])).status).toBe(400);
  expect(await causesFor(access_token)).toEqual(['refresh_reuse']);
});

test('R-33: no refresh token comes of a grant that a request in flight stored after its session was ended', async () => {
  const pool = createPool({ url: idp.database.url, poolSize: 1 });
  const { insertRefreshFamily } = createPostgresArtifacts({ pool, reader: pool });
  const { account } = await idp.tokens(client);
  const store = async (session: string | null) => {
    const grantId = randomUUID();
    await idp.sql(
      `insert into oidc_grant (id, account_id, client_id, session_uid, payload, expires_at)
       values (?, ?, ?, ?, '{}', now() + interval '1 day')`,
      [grantId, account.id, client, session],
    );
    return insertRefreshFamily({ family: randomUUID().slice(0, 32), grantId, payload: {}, ttlSeconds: 60 });
  };
  const [row] = await idp.sql<{ uid: string }>('select uid from sso_session where account_id = ?', [account.id]);
  expect(await store(row?.uid ?? '')).toBe(true);
  expect(await store('ended-meanwhile')).toBe(false);
  await pool.end();
});

test('R-12: a refresh token idles 14 days at most, and no rotation outlives 30 days', async () => {
  const { refresh_token } = await idp.tokens(client);
  const [fresh] = await lifeOf();
  expect(fresh).toBeGreaterThan(14 * 24 - 1);
  expect(fresh).toBeLessThanOrEqual(14 * 24);

  // As if it had been issued first 29 days ago, and rotated since.
  await idp.sql(`update refresh_family set payload = jsonb_set(payload, '{iiat}', to_jsonb(?::bigint))`, [
    Math.floor(Date.now() / 1000) - 29 * 24 * 3600,
  ]);
  expect((await refresh(refresh_token)).status).toBe(200);
  const [late] = await lifeOf();
  expect(late).toBeLessThanOrEqual(24);

  function lifeOf(): Promise<number[]> {
    return idp
      .sql<{ hours: number }>(
        `select extract(epoch from expires_at - now())::float / 3600 as hours
         from refresh_family order by created_at desc limit 1`,
      )
      .then((rows) => rows.map(({ hours }) => hours));
  }
});

test('R-12: a refresh token past its end is refused', async () => {
  const { refresh_token } = await idp.tokens(client);
  await idp.sql(`update refresh_family set expires_at = now()`);
  expect((await refresh(refresh_token)).body['error']).toBe('invalid_grant');
});

describe('R-13: the very next refresh is refused', () => {
  test('to a disabled account', async () => {
    const { refresh_token, account } = await idp.tokens(client);
    await idp.sql('update account set disabled_at = now() where id = ?', [account.id]);
    await expectRefused(refresh_token);
  });

  test('to a deleted account', async () => {
    const { refresh_token, account } = await idp.tokens(client);
    await idp.sql('delete from account where id = ?', [account.id]);
    await expectRefused(refresh_token);
  });

  test.each([
    ['everywhere', () => null],
    ['from this application', () => [client]],
  ])('to an account banned %s', async (_, clients) => {
    const { refresh_token, account } = await idp.tokens(client);
    await ban(account.id, clients());
    await expectRefused(refresh_token);
  });

  test('but not to an account banned from another application', async () => {
    const { refresh_token, account } = await idp.tokens(client);
    await ban(account.id, [other]);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test('when the grant is gone', async () => {
    const { refresh_token, account } = await idp.tokens(client);
    await idp.sql('delete from oidc_grant where account_id = ? and client_id = ?', [account.id, client]);
    await expectRefused(refresh_token);
  });

  test('to a client that was disabled, within a second', async () => {
    const disabled = await idp.declare();
    const { refresh_token } = await idp.tokens(disabled);
    await idp.sql('update client set disabled_at = now() where id = ?', [disabled]);
    await idp.sql('update configuration_version set version = version + 1');
    await eventually(async () => !(await idp.knows(disabled)), aSecond);
    const { status, body } = await idp.token(disabled, { grant_type: 'refresh_token', refresh_token });
    expect([status, body['error']]).toEqual([401, 'invalid_client']);
  });
});

test('R-13: a role given or taken shows in the next access token', async () => {
  const { refresh_token, access_token, account } = await idp.tokens(client);
  expect(claimsOf(access_token)['roles']).toEqual([]);
  await idp.sql(`update account set roles = '{analyst}' where id = ?`, [account.id]);
  const given = await refresh(refresh_token);
  expect(claimsOf(given.body['access_token'])['roles']).toEqual(['analyst']);
  await idp.sql(`update account set roles = '{}' where id = ?`, [account.id]);
  const taken = await refresh(given.body['refresh_token']);
  expect(claimsOf(taken.body['access_token'])['roles']).toEqual([]);
});

test('R-05: another client cannot use a refresh token, nor does its try burn it', async () => {
  const { refresh_token } = await idp.tokens(client);
  const stolen = await idp.token(other, { grant_type: 'refresh_token', refresh_token });
  expect([stolen.status, stolen.body['error']]).toEqual([400, 'invalid_grant']);
  expect((await refresh(refresh_token)).status).toBe(200);
});

test('a refresh cannot widen scope or audience', async () => {
  const { refresh_token } = await idp.tokens(client, { scope: 'openid family' });
  const wider = await refresh(refresh_token, { scope: 'openid family email' });
  expect([wider.status, wider.body['error']]).toEqual([400, 'invalid_scope']);
  const elsewhere = await refresh(refresh_token, { resource: 'urn:another:resource' });
  expect([elsewhere.status, elsewhere.body['error']]).toEqual([400, 'invalid_target']);
});

test('A-27: no truncation and no flipped bit of a refresh token is accepted, and the token survives the guesses', async () => {
  const { refresh_token } = await idp.tokens(client);
  const answers = await Promise.all(mutilated(refresh_token).map(async (guess) => (await refresh(guess)).status));
  expect(answers.length).toBeGreaterThan(100);
  expect(new Set(answers)).toEqual(new Set([400]));
  expect((await refresh(refresh_token)).status).toBe(200);
});

function refresh(refreshToken: string | undefined, over: Record<string, string> = {}) {
  return idp.token(client, { grant_type: 'refresh_token', refresh_token: refreshToken ?? '', ...over });
}

async function expectRefused(refreshToken: string): Promise<void> {
  const { status, body } = await refresh(refreshToken);
  expect([status, body['error']]).toEqual([400, 'invalid_grant']);
}

async function causesFor(accessToken: string): Promise<string[]> {
  const { sid } = claimsOf(accessToken);
  const rows = await idp.sql<{ cause: string }>(`select cause from revocation where target ->> 'sid' = ?`, [sid]);
  return rows.map(({ cause }) => cause);
}

async function ban(accountId: string, clients: string[] | null): Promise<void> {
  await idp.sql(
    `insert into ban (id, account_id, client_ids, reason, banned_at, revocation_ids)
     values (?, ?, (select array_agg(value) from json_array_elements_text(?::json)), 'test', now(), '{}')`,
    [randomUUID(), accountId, JSON.stringify(clients ?? [])],
  );
}
