import { eventually, startInbox, type TestInbox, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { createEmailChange } from '#email-change/service.ts';
import {
  authorizationRequest,
  type Browser,
  hiddenField,
  mutilated,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import type { Letter, Post } from '#mail/post.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const cookieName = 'portcullis_device';
let inbox: TestInbox;
let idp: TestIdp;
let client: string;
beforeAll(async () => {
  inbox = await startInbox();
  idp = await startIdp({ smtpUrl: inbox.smtpUrl });
  client = await idp.declare();
});
afterAll(async () => {
  await idp[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

const signIn = (account: Person, browser = idp.browser()) => idp.tokens(client, {}, { account, browser });

/** Somebody who has signed in before, and whose letters about this have come. */
async function settled() {
  const account = await idp.person();
  return { account, home: await signIn(account) };
}

/** The same browser, at which nobody is signed in any more. */
function afterSignOut(browser: Browser): Browser {
  for (const name of browser.cookies.keys()) if (!name.startsWith(cookieName)) browser.cookies.delete(name);
  return browser;
}

async function linkTo(account: Person): Promise<string> {
  const { text } = await inbox.letterTo(account.email);
  return /https?:\/\/\S+/.exec(text)?.[0] ?? '';
}

async function lettersTo({ email, id }: Person): Promise<number> {
  const waiting = `select 1 from pgboss.job where name = 'mail' and data->>'accountId' = ? and state <> 'completed'`;
  await eventually(async () => (await idp.sql(waiting, [id])).length === 0);
  return (await inbox.all(email)).length;
}

async function press(link: string, browser: Browser = idp.browser()) {
  const page = await browser.go(link);
  return browser.post('/not-me', {
    csrf: hiddenField(page.text, 'csrf'),
    token: hiddenField(page.text, 'token') || (new URL(link).searchParams.get('token') ?? ''),
  });
}

test('a new browser is told to the owner, the first and the known ones are not', async () => {
  const { account, home } = await settled();
  await signIn(account, afterSignOut(home.browser));
  expect(await lettersTo(account)).toBe(0);

  const elsewhere = idp.browser();
  await signIn(account, elsewhere);
  await signIn(account, afterSignOut(elsewhere));
  expect(await lettersTo(account)).toBe(1);

  // The next person at the same machine is at a browser that is new to nobody: the account has no other.
  const next = await idp.person();
  await signIn(next, afterSignOut(elsewhere));
  expect(await lettersTo(next)).toBe(0);
});

test('that a browser was seen is noted once a day, and it stays known', async () => {
  const { account, home } = await settled();
  const seen = () =>
    idp.sql<{ at: string }>('select last_seen_at::text as at from known_device where account_id = ?', [account.id]);
  const first = await seen();
  await signIn(account, afterSignOut(home.browser));
  expect(await seen()).toEqual(first);

  await idp.sql(`update known_device set last_seen_at = now() - interval '25 hours' where account_id = ?`, [
    account.id,
  ]);
  const yesterday = await seen();
  await signIn(account, afterSignOut(home.browser));
  const [now, ...others] = await seen();
  expect(Date.parse(now?.at ?? '')).toBeGreaterThan(Date.parse(yesterday[0]?.at ?? ''));
  expect(others).toEqual([]);
  expect(await lettersTo(account)).toBe(0);
  await idp.sql(`update known_device set last_seen_at = now() - interval '401 days' where account_id = ?`, [
    account.id,
  ]);
  await signIn(account, afterSignOut(home.browser));
  expect(await lettersTo(account)).toBe(1); // for longer than 400 days nobody is remembered
});

test('the letter names device, application, time and network address, in the language of the account', async () => {
  const { account } = await settled();
  await idp.sql(`update account set locale = 'de' where id = ?`, [account.id]);
  const browser = idp.browser();
  const tell = { headers: { 'user-agent': firefox } };
  const request = authorizationRequest(client);
  const page = await browser.authorize(request);
  const fields = { csrf: hiddenField(page.text, 'csrf'), email: account.email, password: 'open-the-gate-please' };
  await browser.post(page.url.href, fields, tell);

  const letter = await inbox.letterTo(account.email);
  expect(letter.subject).toBe('Neue Anmeldung bei Ihrem Konto');
  expect(letter.text).toContain('Gerät: Firefox unter Windows');
  expect(letter.text).toContain(`Anwendung: Application ${client}`);
  expect(letter.text).toMatch(/Zeitpunkt: .*20\d\d.* UTC/);
  expect(letter.text).toMatch(/Netzwerkadresse: (127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)/);
  expect(letter.text).toContain(`${idp.issuer}/not-me?token=`);
  const life =
    'select extract(epoch from expires_at - created_at)::int as seconds from single_use_token where account_id = ?';
  expect(await idp.sql(life, [account.id])).toEqual([{ seconds: 7 * 24 * 3600 }]);
});

test('a cookie that somebody planted in a browser makes their own browser no more known', async () => {
  const { account } = await settled();
  const attacker = await signIn(await idp.person());
  const planted = ['', '.sig'].map(
    (end) => [cookieName + end, attacker.browser.cookies.get(cookieName + end)] as const,
  );

  const victims = idp.browser();
  for (const [name, cookie] of planted) if (cookie) victims.cookies.set(name, cookie);
  await signIn(account, victims);
  expect(await lettersTo(account)).toBe(1);
  await signIn(account, afterSignOut(attacker.browser));
  expect(await lettersTo(account)).toBe(2);
});

test('"this was not me": opening the link does nothing, pressing the button locks everybody out at once', async () => {
  const { account, home } = await settled();
  const thief = await signIn(account);
  const link = await linkTo(account);
  await idp.sql(
    `insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, 'x', 0, now())`,
    [account.id],
  );
  await idp.sql(`insert into trusted_device (id, account_id, token_hash, created_at, last_used_at, expires_at)
    values (gen_random_uuid(), '${account.id}', '${account.id}', now(), now(), now() + interval '1 day')`);
  await idp.sql(`insert into single_use_token (hash, purpose, account_id, data, expires_at)
    select purpose || id, purpose, id, '{}', now() + interval '1 day'
    from account, unnest('{email_change,email_code,password_reset}'::text[]) purpose where id = '${account.id}'`);
  for (let i = 0; i < 3; i++) expect((await idp.browser().go(link)).response.status).toBe(200);
  expect((await idp.token(client, { grant_type: 'refresh_token', refresh_token: home.refresh_token })).status).toBe(
    200,
  );

  const done = await press(link);

  expect(done.url.pathname).toBe('/not-me/done');
  for (const left of ['trusted_device where', `single_use_token where hash like '%' || account_id and`])
    expect(await idp.sql(`select 1 from ${left} account_id = ?`, [account.id])).toEqual([]);
  for (const { refresh_token } of [home, thief])
    expect((await idp.token(client, { grant_type: 'refresh_token', refresh_token })).status).toBe(400);
  for (const { browser } of [home, thief]) {
    const { text, url } = await browser.authorize(authorizationRequest(client));
    expect(url.pathname).toMatch(/^\/sign-in\//);
    expect(hiddenField(text, 'csrf')).not.toBe('');
  }
  const refused = await thief.browser.signIn(authorizationRequest(client), account.email);
  expect(refused.response.status).toBe(422);
  expect(await idp.sql('select 1 from totp_authenticator where account_id = ?', [account.id])).toEqual([]);
  const known = await idp.sql('select id from known_device where account_id = ?', [account.id]);
  expect(known).toHaveLength(1);
  expect((await inbox.letterTo(account.email)).text).toContain('/reset-password');
  const events = await idp.sql<{ action: string }>(
    `select action from audit_event where account_id = ? and action in ('account.password_disabled', 'factor.removed')`,
    [account.id],
  );
  expect(events.map(({ action }) => action).toSorted()).toEqual(['account.password_disabled', 'factor.removed']);
});

test('A-27: the link works once, also for two who press at the same moment, and no mutilated one works', async () => {
  const { account } = await settled();
  await signIn(account);
  const link = await linkTo(account);
  const token = new URL(link).searchParams.get('token') ?? '';
  const browser = idp.browser();
  const wrong = mutilated(token).filter((_, i) => i % 20 === 0);
  for (const other of [...wrong, '', 'x'.repeat(5000)]) {
    const page = await browser.go(`/not-me?${new URLSearchParams({ token: other })}`);
    expect(page.response.status).toBe(410);
    expect((await press(`${idp.issuer}/not-me?${new URLSearchParams({ token: other })}`)).url.pathname).toBe('/not-me');
  }

  const ends = await Promise.all([press(link), press(link)]);
  expect(ends.map(({ url }) => url.pathname).toSorted()).toEqual(['/not-me', '/not-me/done']);
  expect((await idp.browser().go(link)).response.status).toBe(410);
});

test('of several links an earlier one ends the later: what they would do is done; and it has the last word', async () => {
  const { account } = await settled();
  const links: string[] = [];
  for (let i = 0; i < 3; i++) {
    await signIn(account);
    links.push(await linkTo(account));
  }
  const [first = '', second = '', third = ''] = links;
  expect((await press(second)).url.pathname).toBe('/not-me/done');
  expect((await idp.browser().go(third)).response.status).toBe(410);
  expect((await press(first)).url.pathname).toBe('/not-me/done');
});

test('R-49: the address that somebody changed after that sign-in is the earlier one again, where the link to a new password goes', async () => {
  await using opened = openLedgerOf(idp);
  const { ledger, post } = opened;
  const changes = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const written = new Set<Letter['kind']>(['email_change']); // what tells the earlier address still waits
  const slow: Pick<Post, 'send'> = {
    send: async (em, letter) => {
      if (written.has(letter.kind)) await post.send(em, letter);
    },
  };
  const allowance = { take: () => Promise.resolve(true) };
  const emailChange = createEmailChange({ changes, post: slow, allowance, now: () => new Date() });
  const { account } = await settled();
  await signIn(account);
  const link = await linkTo(account);
  const taken = [`${unique('taken')}@example.org`, `${unique('taken')}@example.org`];
  for (const email of taken) {
    await emailChange.request(idp.orm.em.fork(), { accountId: account.id, email, address: '203.0.113.1' });
    const token = new URL(await linkTo({ ...account, email })).searchParams.get('token') ?? '';
    expect(await emailChange.confirm(idp.orm.em.fork(), token)).toEqual({ ok: true });
  }
  await signIn({ ...account, email: taken[1] ?? '' });
  const thiefs = await linkTo({ ...account, email: taken[1] ?? '' });

  expect((await press(link)).url.pathname).toBe('/not-me/done');

  expect(await idp.sql('select email, password_hash from account where id = ?', [account.id])).toEqual([
    { email: account.email, password_hash: null },
  ]);
  expect(await linkTo(account)).toContain('/reset-password/new?token=');
  expect(await Promise.all(taken.map(async (email) => (await inbox.all(email)).length))).toEqual([1, 2]);
  expect((await idp.browser().go(thiefs)).response.status).toBe(410);
  const undone = `select actor from audit_event where account_id = ? and action = 'account.email_change_undone'`;
  expect(await idp.sql(undone, [account.id])).toEqual([{ actor: account.id }]);
});

test('a letter that is put off until the address is another one goes to nobody', async () => {
  const { account } = await settled();
  await signIn(account);
  await linkTo(account);
  const other = `${unique('other')}@example.org`;
  await idp.sql('update account set email = ?, email_normalized = ? where id = ?', [other, other, account.id]);
  await idp.sql(
    `insert into audit_event (id, at, action, account_id, detail) values (gen_random_uuid(), now(), 'account.email_changed', ?, '{}')`,
    [account.id],
  );
  await idp.sql(`update pgboss.job set state = 'retry' where data ->> 'accountId' = ?`, [account.id]);

  expect(await lettersTo(account)).toBe(1);
  expect(await inbox.all(other)).toEqual([]);
});

test('A-03: without a token of this browser nothing is locked', async () => {
  const { account, home } = await settled();
  await signIn(account);
  const token = new URL(await linkTo(account)).searchParams.get('token') ?? '';
  const page = await idp.browser().post('/not-me', { token, csrf: 'x' });
  expect(page.response.status).toBe(403);
  const { status } = await idp.token(client, { grant_type: 'refresh_token', refresh_token: home.refresh_token });
  expect(status).toBe(200);
});

test('no job holds a link or what is in one', async () => {
  const { account } = await settled();
  await signIn(account);
  const links = [await linkTo(account)];
  await press(links[0] ?? '');
  links.push(await linkTo(account));
  const [{ jobs } = { jobs: '' }] = await idp.sql<{ jobs: string }>(
    `select string_agg(j::text, ' ') as jobs from pgboss.job j where name = 'mail'`,
  );
  expect(jobs).toContain(account.id);
  expect(links.every((link) => link.startsWith(idp.issuer))).toBe(true);
  for (const link of links) expect(jobs).not.toContain(new URL(link).searchParams.get('token'));
  expect(jobs).not.toMatch(/https?:|token|password=/);
});
