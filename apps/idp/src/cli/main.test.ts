import { eventually, freshDatabase, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { epochNow, startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { portcullis as run } from './test/portcullis.ts';

vi.setConfig({ testTimeout: 60_000 }); // each command is a process that loads the whole provider

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.node().ledger.reconcile();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const portcullis = (args: string[], o: { env?: Record<string, string>; stdin?: string } = {}) =>
  run(args, { DATABASE_URL: cluster.databaseUrl, REDIS_URL: cluster.redis.url, ...o.env }, o.stdin);

async function newAccount(): Promise<{ id: string; email: string }> {
  const email = `${unique('person')}@example.com`;
  const { rows } = await cluster.pool.query<{ id: string }>(
    `insert into account (id, email, email_normalized, email_verified, name, roles, created_at)
     values (gen_random_uuid(), $1, $1, true, 'A person', '{}', now()) returning id`,
    [email],
  );
  return { id: rows[0]?.id ?? '', email };
}

test('ban: the next look at a token issued before refuses it; unban opens the door, and old tokens stay dead', async () => {
  const { id, email } = await newAccount();
  const { token } = await cluster.signedIn(id);
  const mirror = await cluster.mirror();
  expect(mirror.refuses(token)).toBe(false);

  const banned = await portcullis(['ban', email, '--reason', 'spam', '--message', 'Write to us.', '--until', '2h']);
  expect(banned).toMatchObject({ code: 0, err: '' });
  expect(banned.out).toMatch(new RegExp(`^${email} is banned everywhere, until 20..-..-.. ..:..Z\\.\n$`));
  expect(await eventually(() => mirror.refuses(token))).toBe(true);
  expect(await cluster.node().bans.active(id)).toMatchObject({ message: 'Write to us.' });

  expect(await portcullis(['unban', email])).toEqual({ code: 0, err: '', out: `${email} may sign in again.\n` });
  expect(await cluster.node().bans.active(id)).toBeUndefined();
  expect(await eventually(() => !mirror.refuses({ ...token, sid: 'new', iat: epochNow() }))).toBe(true);
  expect(mirror.refuses(token)).toBe(true);
  const { rows } = await cluster.pool.query('select distinct actor from audit_event where account_id = $1', [id]);
  expect(rows).toEqual([{ actor: expect.stringMatching(/^cli:./) }]);

  expect(await portcullis(['unban', email])).toEqual({ code: 1, out: '', err: `${email} is not banned.\n` });
});

test('F-03: a ban while Redis is away is recorded, says so, and leaves with 3; a node publishes it', async () => {
  const { id, email } = await newAccount();
  const { token } = await cluster.signedIn(id);

  const banned = await portcullis(['ban', email, '--reason', 'spam'], { env: { REDIS_URL: 'redis://127.0.0.1:1' } });

  expect(banned.code).toBe(3);
  expect(banned.err).toMatch(/^Recorded, not yet everywhere: [^\n]+\n$/);
  expect(await cluster.node().bans.active(id)).toBeDefined();
  await cluster.node().ledger.reconcile();
  expect((await cluster.mirror()).refuses(token)).toBe(true);
});

test('sessions: listed for people and programs, ended one by one or all at once', async () => {
  const { id, email } = await newAccount();
  const [first, second, third] = [
    await cluster.signedIn(id),
    await cluster.signedIn(id, 'forum'),
    await cluster.signedIn(id),
  ];
  await cluster.pool.query(
    `insert into client (id, name, first_party, metadata, created_at, updated_at) values ('forum', 'forum', true, '{}', now(), now())`,
  );
  const stranger = await cluster.signedIn();

  expect((await portcullis(['sessions', 'list', email])).out).toMatch(
    new RegExp(`SESSION.*\n(.*\n)*${second.uid} .* forum\n`),
  );
  expect(await listed(email)).toHaveLength(3);
  expect((await portcullis(['sessions', 'end', email, '--id', first.uid])).code).toBe(0);
  expect(await portcullis(['sessions', 'end', email, '--id', stranger.uid])).toMatchObject({ code: 1, out: '' });
  expect(await portcullis(['sessions', 'end', email, '--all'])).toMatchObject({
    code: 0,
    out: `Ended 2 sessions of ${email}.\n`,
  });

  const mirror = await cluster.mirror();
  expect([first, second, third, stranger].map(({ token }) => mirror.refuses(token))).toEqual([true, true, true, false]);
});

test('several nodes may migrate at once, and again later', async () => {
  await using database = await freshDatabase();
  const env = { DATABASE_URL: database.url };
  const runs = await Promise.all([portcullis(['migrate'], { env }), portcullis(['migrate'], { env })]);
  expect(runs.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(runs.filter(({ out }) => out === 'The database was up to date.\n')).toHaveLength(1);
});

test('admin create takes the password from standard input and makes an account with the role', async () => {
  const email = `${unique('admin')}@example.com`;
  const made = await portcullis(['admin', 'create', email], { stdin: 'a-long-enough-password\n' });
  expect(made).toEqual({ code: 0, err: '', out: `${email} is an administrator.\n` });
  const { rows } = await cluster.pool.query('select roles, password_hash from account where email = $1', [email]);
  expect(rows).toEqual([{ roles: ['admin'], password_hash: expect.stringContaining('$argon2id$') }]);
  expect(await portcullis(['admin', 'create', email], { stdin: 'a-long-enough-password\n' })).toMatchObject({
    code: 1,
  });
});

test('the demo accounts, whose password is public, are not made in production', async () => {
  const refused = await portcullis(['seed'], { env: { NODE_ENV: 'production' } });
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('--force');
  const { rows } = await cluster.pool.query(`select 1 from account where email = 'admin@example.com'`);
  expect(rows).toEqual([]);
});

test.each([
  ['a variable is missing', ['migrate'], { DATABASE_URL: '' }, 1, /DATABASE_URL: is required/],
  ['PostgreSQL is away', ['migrate'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 1, /cannot be reached/],
  ['nobody has that e-mail', ['ban', 'nobody@example.com', '--reason', 'x'], {}, 1, /no account/],
  ['it is not said which session', ['sessions', 'end', 'nobody@example.com'], {}, 1, /--all/],
  ['an option is missing', ['ban', 'nobody@example.com'], {}, 2, /--reason/],
  ['the command is unknown', ['frobnicate'], {}, 2, /frobnicate/],
] as const)('when %s, that is one clear line and an exit code', async (_what, args, env, code, line) => {
  const result = await portcullis([...args], { env });
  expect(result).toMatchObject({ code, out: '', err: expect.stringMatching(line) });
  expect(result.err.replace('(--help explains)\n', '')).toMatch(/^[^\n]+\n$/);
});

async function listed(email: string): Promise<string[]> {
  const { out } = await portcullis(['sessions', 'list', email, '--json']);
  return (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
}
