import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, exchange, hiddenField, password as oldPassword, type Person } from '#harness.ts';
import { fillIn, linkIn, type PostedIdp, startPostedIdp } from '#registration/test/mailbox.ts';
import { besiege } from '#sign-in/test/member.ts';

const password = 'seven bridges at dusk';

let idp: PostedIdp;
let client: string;
beforeAll(async () => {
  idp = await startPostedIdp();
  client = await idp.declare();
});
afterAll(() => idp[Symbol.asyncDispose]());

async function linkFor({ email }: Person): Promise<string> {
  await fillIn(idp.browser(), '/reset-password', { email });
  return idp.linkTo(email);
}

const opens = async (email: string, secret: string) =>
  (await idp.browser().signIn(authorizationRequest(client), email, secret)).url.searchParams.has('code');
const actions = async ({ id }: Person) =>
  (await idp.sql<{ action: string }>('select action from audit_event where account_id = ? order by at', [id])).map(
    ({ action }) => action,
  );

test('R-49: a reset ends every session and every other link, signs nobody in, and the owner is told', async () => {
  const { browser: thief, account, refresh_token } = await idp.tokens(client);
  await idp.sql(`insert into trusted_device (id, account_id, token_hash, created_at, last_used_at, expires_at)
    values (gen_random_uuid(), '${account.id}', '${account.id}', now(), now(), now() + interval '1 day')`);
  const [unused, link] = [await linkFor(account), await linkFor(account)];
  await idp.sql(`insert into single_use_token (hash, purpose, account_id, email, data, expires_at)
    select purpose || id, purpose, id, email, '{}', now() + interval '1 day'
    from account, unnest('{email_change,email_code}'::text[]) purpose where id = '${account.id}'`);
  await idp.sql(`update account set email_verified = false where id = '${account.id}'`);
  const owner = idp.browser();

  const done = await fillIn(owner, link, { password });

  expect(done.url.pathname).toBe('/reset-password/done');
  const told = await idp.inbox.letterTo(account.email);
  expect(told.subject).toBe('Your password was changed');
  expect((await owner.authorize(authorizationRequest(client))).text).toContain('type="password"');
  expect((await thief.authorize(authorizationRequest(client))).text).toContain('type="password"');
  const refreshed = await idp.token(client, { grant_type: 'refresh_token', refresh_token });
  expect(refreshed.body['error']).toBe('invalid_grant');
  expect([(await owner.go(unused)).response.status, (await owner.go(link)).response.status]).toEqual([410, 410]);
  for (const table of ['trusted_device', 'single_use_token'])
    expect(await idp.sql(`select 1 from ${table} where account_id = ?`, [account.id])).toEqual([]);
  expect(await idp.sql('select email_verified from account where id = ?', [account.id])).toEqual([
    { email_verified: true }, // the link came through its mailbox
  ]);
  expect([await opens(account.email, oldPassword), await opens(account.email, password)]).toEqual([false, true]);
  expect((await actions(account)).filter((action) => action === 'account.password_changed')).toHaveLength(1);
});

test('R-49: a letter that is put off until the password has been changed brings no link any more', async () => {
  const account = await idp.person();
  await fillIn(idp.browser(), await linkFor(account), { password });
  const links = async () => (await idp.inbox.all(account.email)).filter(({ text }) => text.includes('?token='));

  await idp.writtenAgain('password_reset', account.email);

  expect(await links()).toHaveLength(1);
});

test('R-49: the link lives for fifteen minutes and is kept as a hash; nothing about it is in the job', async () => {
  const account = await idp.person();
  const link = await linkFor(account);
  const token = new URL(link).searchParams.get('token') ?? '';

  const rows = await idp.sql<{ seconds: number; row: string }>(
    'select extract(epoch from expires_at - created_at)::int as seconds, t::text as row from single_use_token t where account_id = ?',
    [account.id],
  );
  expect(rows).toMatchObject([{ seconds: 900 }]);
  const jobs = await idp.sql<{ job: string }>(`select data::text || coalesce(output::text, '') as job from pgboss.job`);
  expect([...rows.map(({ row }) => row), ...jobs.map(({ job }) => job)].join('\n')).not.toContain(token);

  await idp.sql(`update single_use_token set expires_at = now() where account_id = '${account.id}'`);
  expect((await idp.browser().go(link)).response.status).toBe(410);
});

test('R-49: of twenty who use one link at once, one sets the password; a weak one leaves the link as it was', async () => {
  const account = await idp.person();
  const link = await linkFor(account);
  const browser = idp.browser();
  const weak = await fillIn(browser, link, { password: `${account.email}` });
  expect([weak.response.status, weak.text.includes('password-error')]).toEqual([422, true]);
  const fields = { csrf: hiddenField(weak.text, 'csrf'), token: hiddenField(weak.text, 'token') };

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      browser.post('/reset-password/new', { ...fields, password: `${password} ${i}` }),
    ),
  );

  expect(answers.filter(({ response }) => response.status === 200)).toHaveLength(1);
  expect((await actions(account)).filter((action) => action === 'account.password_changed')).toHaveLength(1);
});

test('R-49: no other account, by whatever else the form says', async () => {
  const [account, victim] = [await idp.person(), await idp.person()];
  const link = await linkFor(account);
  const before = await idp.sql('select password_hash from account where id = ?', [victim.id]);

  for (const more of [{ account_id: victim.id }, { email: victim.email }, { accountId: victim.id, id: victim.id }])
    expect((await fillIn(idp.browser(), link, { password, ...more })).response.status).toBe(410);

  expect(await idp.sql('select password_hash from account where id = ?', [victim.id])).toEqual(before);
  expect(await opens(account.email, oldPassword)).toBe(true);
});

test('an account without a password gets one; one that is banned or switched off stays so', async () => {
  const [passkeyOnly, banned, disabled] = [await idp.person(), await idp.person(), await idp.person()];
  await idp.sql(`update account set password_hash = null where id = '${passkeyOnly.id}'`);
  await idp.sql(`update account set disabled_at = now() where id = '${disabled.id}'`);
  await idp.sql(`insert into ban (id, account_id, reason, banned_at, revocation_ids)
    values (gen_random_uuid(), '${banned.id}', 'spam', now(), '{}')`);

  for (const account of [passkeyOnly, banned, disabled])
    expect((await fillIn(idp.browser(), await linkFor(account), { password })).url.pathname).toBe(
      '/reset-password/done',
    );

  expect(await opens(passkeyOnly.email, password)).toBe(true);
  expect([await opens(banned.email, password), await opens(disabled.email, password)]).toEqual([false, false]);
});

test('R-49: the letter goes to the address of the account, not to one that only normalises to it', async () => {
  const { email } = await idp.person();
  await fillIn(idp.browser(), '/reset-password', { email: email.replace('person', 'ｐErson') });

  expect((await idp.inbox.letterTo(email)).envelope.to).toMatchObject([{ address: email }]);
});

test('the letters are in the language of the page that was used, and of the account', async () => {
  const { email, id } = await idp.person();
  await idp.sql(`update account set locale = 'es' where id = ?`, [id]);
  const browser = idp.browser();
  browser.headers['accept-language'] = 'de';

  await fillIn(browser, '/reset-password', { email });
  const letter = await idp.inbox.letterTo(email);
  await fillIn(browser, linkIn(letter.text), { password });

  expect(letter.subject).toBe('Wählen Sie ein neues Passwort');
  expect((await idp.inbox.letterTo(email)).subject).toBe('Su contraseña ha cambiado');
});

test('an address without an account gets no letter', async () => {
  const email = 'nobody-has-this@example.org';
  const sent = await fillIn(idp.browser(), '/reset-password', { email });

  expect(sent.url.pathname).toBe('/reset-password/sent');
  await eventually(async () => {
    const [job] = await idp.sql<{ state: string }>(
      `select state::text from pgboss.job where name = 'mail' and data ->> 'email' = ?`,
      [email],
    );
    return job?.state === 'completed';
  });
  expect(await idp.inbox.all(email)).toEqual([]);
});

test('R-44: what a browser had by the old password, guesses of its own when the address is locked, goes with it', async () => {
  const { account, browser: thief } = await idp.tokens(client);
  await fillIn(idp.browser(), await linkFor(account), { password });
  await besiege(idp, account.email);

  const guess = await thief.signIn(authorizationRequest(client), account.email, 'wrong horse battery');

  expect(guess.response.status).toBe(429);
});

test('R-39: a password proved before the reset opens nothing afterwards, to the last click', async () => {
  const account = await idp.person();
  const thief = idp.browser();
  const request = authorizationRequest(client);
  const page = await thief.authorize(request);
  const link = await linkFor(account);
  const proved = await fetch(new URL(page.url.pathname, idp.origin), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: [...thief.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ') },
    body: new URLSearchParams({ csrf: hiddenField(page.text, 'csrf'), email: account.email, password: oldPassword }),
  });

  const reset = await fillIn(idp.browser(), link, { password });

  expect([proved.status, reset.url.pathname]).toEqual([303, '/reset-password/done']);
  const { url } = await thief.go(String(proved.headers.get('location')));
  expect((await idp.token(client, exchange(request, url))).status).toBe(400);
  expect((await thief.authorize(authorizationRequest(client))).text).toContain('type="password"');
});

test('R-44: a reset lets the owner in where the address is locked, at a browser that was never there before, also by guesses made afterwards', async () => {
  const { email } = await idp.person();
  const owner = idp.browser();
  await besiege(idp, email);
  expect((await owner.signIn(authorizationRequest(client), email)).response.status).toBe(429);

  await fillIn(owner, '/reset-password', { email });
  await fillIn(owner, await idp.linkTo(email), { password });
  expect(await opens(email, password)).toBe(true);
  await besiege(idp, email);

  expect(await opens(email, password)).toBe(false);
  expect((await owner.signIn(authorizationRequest(client), email, password)).url.searchParams.has('code')).toBe(true);
});

test('R-49: whoever has a second factor is asked for it after a reset as before', async () => {
  const account = await idp.person();
  await idp.sql(
    `insert into totp_authenticator (account_id, secret, last_step, created_at) values ('${account.id}', 'sealed', 0, now())`,
  );
  const form = await idp.browser().go(await linkFor(account));
  expect(form.text).toContain('data-least="8"');
  await fillIn(idp.browser(), form.url.href, { password });

  const asked = await idp.browser().signIn(authorizationRequest(client), account.email, password);

  expect(asked.url.searchParams.has('code')).toBe(false);
  expect(asked.text).toContain('autocomplete="one-time-code"');
});
