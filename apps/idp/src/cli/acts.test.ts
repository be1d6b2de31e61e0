import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually, unique } from '@portcullis/testing';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { epochNow, startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { portcullis as run, start } from './test/portcullis.ts';

vi.setConfig({ testTimeout: 90_000 }); // each command is a process that loads the whole provider

let cluster: Cluster;
let mirror: Awaited<ReturnType<Cluster['mirror']>>;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
  mirror = await cluster.mirror();
  await cluster.pool.query(
    `insert into client (id, name, first_party, metadata, created_at, updated_at)
     select id, id, true, '{}', now(), now() from unnest(array['shop', 'forum']) id`,
  );
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('revoke --token: that token alone; the account and its sessions stay', async () => {
  const { id } = await newAccount();
  const { token, uid } = await cluster.signedIn(id);
  const jwt = await new SignJWT(token).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(anyKey);

  expect(await portcullis(['revoke', '--token', jwt, '--reason', 'leaked'])).toEqual({
    code: 0,
    out: `Revoked: token ${token.jti}.\n`,
    err: '',
  });

  await eventually(() => mirror.refuses(token));
  expect(mirror.refuses({ ...token, jti: 'another' })).toBe(false);
  expect(await rows('sso_session', 'uid', uid)).toBe(1);
  expect(await lastEvent()).toMatchObject({ action: 'revocation.token_revoked', account_id: id, reason: 'leaked' });
});

test('revoke --account, with and without --client: what it has there, and what would bring new tokens', async () => {
  const { id, email } = await newAccount();
  const [shop, forum] = [await cluster.signedIn(id, 'shop'), await cluster.signedIn(id, 'forum')];

  const atForum = await portcullis(['revoke', '--account', email, '--client', 'forum', '--reason', 'x']);
  expect(atForum).toMatchObject({ code: 0, out: `Revoked: everything of ${email} at forum.\n` });
  await eventually(() => mirror.refuses(forum.token));
  expect(mirror.refuses(shop.token)).toBe(false);
  expect(await rows('oidc_grant', 'account_id', id)).toBe(1);

  expect((await portcullis(['revoke', '--account', email, '--reason', 'x'])).code).toBe(0);
  await eventually(() => mirror.refuses(shop.token));
  expect([await rows('oidc_grant', 'account_id', id), await rows('sso_session', 'account_id', id)]).toEqual([0, 0]);
  expect(mirror.refuses({ ...shop.token, sid: 'new', iat: epochNow() + 2 })).toBe(false);
});

test('revoke --session: a whole session, or one application of it by the sid of a token', async () => {
  const { accountId, uid, token } = await cluster.signedIn();
  const grantId = unique('grant');
  await cluster.pool.query(
    `insert into oidc_grant (id, account_id, client_id, session_uid, payload, expires_at)
     values ($1, $2, 'forum', $3, '{}', now() + interval '1 day')`,
    [grantId, accountId, uid],
  );
  const atForum = { ...token, client_id: 'forum', sid: `${uid}.${grantId.slice(0, 16)}` };

  await portcullis(['revoke', '--session', atForum.sid, '--reason', 'x']);
  await eventually(() => mirror.refuses(atForum));
  expect(mirror.refuses(token)).toBe(false);
  expect(await rows('oidc_grant', 'id', grantId)).toBe(0);
  expect(await rows('oidc_grant', 'session_uid', uid)).toBe(1);

  await portcullis(['revoke', '--session', uid, '--reason', 'x']);
  await eventually(() => mirror.refuses(token));
  expect([await rows('oidc_grant', 'session_uid', uid), await rows('sso_session', 'uid', uid)]).toEqual([0, 0]);
});

test('revoke --client and --everyone-before ask first, and without a terminal want --yes', async () => {
  const { token, uid } = await cluster.signedIn();
  const stranger = await cluster.signedIn(undefined, 'forum');

  const asked = await portcullis(['revoke', '--client', 'shop', '--reason', 'x']);
  expect(asked).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--yes') });
  expect(mirror.refuses(token)).toBe(false);
  expect((await portcullis(['revoke', '--client', 'shop', '--reason', 'x', '--yes'])).code).toBe(0);
  await eventually(() => mirror.refuses(token));
  expect(await rows('sso_session', 'uid', uid)).toBe(1);
  expect(mirror.refuses(stranger.token)).toBe(false);

  const everyone = ['revoke', '--everyone-before', 'now', '--reason', 'x'];
  expect(await portcullis(everyone)).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was done') });
  const ended = await portcullis([...everyone, '--yes']);
  expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/^Revoked: everything from before .* sessions/) });
  await eventually(() => mirror.refuses(stranger.token));
});

test.each([
  [['revoke', '--jti', 'a', '--client', 'shop', '--reason', 'x'], 1, /Say one/],
  [['revoke', '--jti', 'a'], 2, /--reason/],
  [['revoke', '--token', 'nonsense', '--reason', 'x'], 2, /no JWT/],
  [['revoke', '--client', 'nobody', '--reason', 'x'], 1, /no client nobody/],
  [['revoke', '--everyone-before', '2100-01-01', '--reason', 'x', '--yes'], 1, /lies ahead/],
  [['clients', 'disable', 'nobody'], 1, /no client/],
] as const)('%j is refused with %d and a word', async (args, code, word) => {
  expect(await portcullis([...args])).toMatchObject({ code, out: '', err: expect.stringMatching(word) });
});

test('accounts: roles, password, disable, enable, delete, each in the audit log under the operator’s name', async () => {
  const { id, email } = await newAccount();
  const { token } = await cluster.signedIn(id);

  const roles = await portcullis(['accounts', 'roles', email, 'moderator', 'analyst']);
  expect(roles).toEqual({ code: 0, out: `${email} has the roles moderator, analyst.\n`, err: '' });
  const password = await portcullis(['accounts', 'password', email], { stdin: 'a-long-enough-password\n' });
  expect(password.out).toBe(`${email} has a new password and is signed out everywhere.\n`);
  await eventually(() => mirror.refuses({ ...token, iat: epochNow() + 30 }));
  const short = await portcullis(['accounts', 'password', email], { stdin: 'short\n' });
  expect(short).toMatchObject({ code: 1, err: expect.stringContaining('15 characters') });
  expect((await portcullis(['accounts', 'disable', email])).out).toBe(`${email} is switched off.\n`);
  expect((await portcullis(['accounts', 'enable', email])).out).toBe(`${email} may sign in again.\n`);
  expect(await portcullis(['accounts', 'enable', email])).toMatchObject({
    code: 1,
    err: `${email} is not switched off.\n`,
  });
  expect(await portcullis(['accounts', 'delete', email])).toMatchObject({
    code: 1,
    err: expect.stringContaining('--yes'),
  });
  expect((await portcullis(['accounts', 'delete', email, '--yes'])).out).toBe(`${email} is deleted.\n`);

  const { out } = await portcullis(['audit', '--action', 'account', '--since', '10m', '--json']);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { action: string; actor: string; accountId: string })
    .filter(({ accountId }) => accountId === id);
  expect(events.map(({ action }) => action)).toEqual([
    'account.roles_changed',
    'account.password_changed',
    'account.disabled',
    'account.enabled',
    'account.deleted',
  ]);
  expect(events.every(({ actor }) => actor.startsWith('cli:'))).toBe(true);
});

test('accounts reset-factors: who has lost phone and codes gets in with the password again, and is signed out everywhere', async () => {
  const { id, email } = await newAccount();
  const { token } = await cluster.signedIn(id);
  await cluster.pool.query(`insert into recovery_code (hash, account_id, created_at) values ('x', $1, now())`, [id]);

  const { out } = await portcullis(['accounts', 'reset-factors', email, '--yes']);

  expect(out).toBe(`${email} has no second factor any more and is signed out everywhere.\n`);
  expect(await rows('recovery_code', 'account_id', id)).toBe(0);
  await eventually(() => mirror.refuses({ ...token, iat: epochNow() + 30 }));
});

test('clients: switched off and on', async () => {
  expect((await portcullis(['clients', 'disable', 'forum'])).out).toBe('forum is switched off.\n');
  expect((await portcullis(['clients', 'enable', 'forum'])).out).toBe('forum is switched on again.\n');
  expect(await portcullis(['clients', 'enable', 'forum'])).toMatchObject({
    code: 1,
    err: 'forum is not switched off.\n',
  });
});

test('audit: filtered, latest last, and with --follow what happens from now on', async () => {
  const { id, email } = await newAccount();
  const { bans } = cluster.node();
  await bans.ban(cluster.em(), { accountId: id, reason: 'spam', actor: 'cli:somebody' });
  const child = start(['audit', '--account', email, '--follow'], env());
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await eventually(() => lines.length === 1, { withinMs: 20_000 });

  await bans.lift(cluster.em(), { accountId: id, actor: 'cli:somebody' });

  await eventually(() => lines.length === 2);
  child.kill();
  await once(child, 'exit');
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^20\\S+Z {2}cli:somebody {2}ban.created {2}${email} {2}.*spam`)),
    expect.stringMatching(new RegExp(`^20\\S+Z {2}cli:somebody {2}ban.lifted {2}${email} {2}`)),
  ]);
  const filtered = await portcullis(['audit', '--account', email, '--actor', 'cli:somebody', '--until', '1h']);
  expect(filtered).toEqual({ code: 0, out: '', err: '' });
  const latest = await portcullis(['audit', '--account', email, '--limit', '1']);
  expect(latest.out).toContain('ban.lifted');
  expect(latest.out.trim().split('\n')).toHaveLength(1);
});

const anyKey = new TextEncoder().encode('whoever holds a token can have it revoked');

const env = () => ({ DATABASE_URL: cluster.databaseUrl, REDIS_URL: cluster.redis.url });
const portcullis = (args: string[], o: { stdin?: string } = {}) => run(args, env(), o.stdin);

async function newAccount(): Promise<{ id: string; email: string }> {
  const email = `${unique('person')}@example.com`;
  const { rows: made } = await cluster.pool.query<{ id: string }>(
    `insert into account (id, email, email_normalized, email_verified, name, roles, created_at)
     values (gen_random_uuid(), $1, $1, true, 'A person', '{}', now()) returning id`,
    [email],
  );
  return { id: made[0]?.id ?? '', email };
}

async function rows(table: string, column: string, value: string): Promise<number | null> {
  return (await cluster.pool.query(`select 1 from ${table} where ${column} = $1`, [value])).rowCount;
}

async function lastEvent() {
  const { rows: found } = await cluster.pool.query(
    `select action, account_id, actor, detail ->> 'reason' as reason from audit_event order by at desc limit 1`,
  );
  return found[0];
}
