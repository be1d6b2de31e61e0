import { eventually, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountChanges, createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { authorizationRequest, type Person } from '#harness.ts';
import { createMailAllowance } from '#mail/allowance.ts';
import { fillIn, linkIn, type PostedIdp, startPostedIdp } from '#registration/test/mailbox.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createEmailChange, type EmailChange } from './service.ts';

let idp: PostedIdp;
let client: string;
let changes: AccountChanges;
let emailChange: EmailChange;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startPostedIdp());
  client = await idp.declare();
  const { ledger, post } = disposables.use(openLedgerOf(idp));
  changes = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const allowance = createMailAllowance({ redis: idp.memory });
  emailChange = createEmailChange({ changes, post, allowance, now: () => new Date() });
});
afterAll(() => disposables.disposeAsync());

let networks = 0;
/** What the account console does for somebody who is signed in. */
const ask = ({ id: accountId }: Person, email: string) =>
  emailChange.request(idp.orm.em.fork(), { accountId, email, address: `203.0.113.${(networks += 1)}` });
const newAddress = () => `${unique('new')}@example.org`;
const confirm = (link: string) => fillIn(idp.browser(), link, {});
/** For how long what was issued to the account is good. */
const secondsOf = async (purpose: string, { id }: Person) => {
  const sql = `select extract(epoch from expires_at - created_at)::int as seconds from single_use_token where account_id = ? and purpose = ?`;
  return (await idp.sql<{ seconds: number }>(sql, [id, purpose])).map(({ seconds }) => seconds);
};
const accountOf = async ({ id }: Person) =>
  (await idp.sql<{ email: string; password_hash: string | null }>('select * from account where id = ?', [id]))[0];

/** From the request to the new address; answers the link in the letter to the earlier one. */
async function move(person: Person, from: string, to: string): Promise<string> {
  await ask(person, to);
  expect((await confirm(await idp.linkTo(to))).url.pathname).toBe('/confirm-email/done');
  return idp.linkTo(from);
}

test('the link to the new address makes the change, in any browser and once; the old address is told', async () => {
  const person = await idp.person();
  await fillIn(idp.browser(), '/reset-password', { email: person.email });
  const reset = await idp.linkTo(person.email);
  const to = unique('New').concat('@example.org');
  await idp.sql('update account set email_verified = false where id = ?', [person.id]);
  await idp.sql(`insert into single_use_token (hash, purpose, account_id, data, expires_at)
    values ('${person.id}', 'email_code', '${person.id}', '{}', now() + interval '1 day')`);
  await ask(person, ` ${to} `);
  const link = await idp.linkTo(to);
  expect((await accountOf(person))?.email).toBe(person.email); // nothing yet
  expect(await secondsOf('email_change', person)).toEqual([3600]);
  await idp.browser().go(link);

  const done = await confirm(link);

  expect(done.url.pathname).toBe('/confirm-email/done');
  expect(await accountOf(person)).toMatchObject({
    email: to,
    email_normalized: to.toLowerCase(),
    email_verified: true,
  });
  const told = await idp.inbox.letterTo(person.email);
  expect(told.text).toContain(to);
  expect(linkIn(told.text)).toContain('/confirm-email/undo?token=');
  expect(new Set(await secondsOf('email_change_undo', person))).toEqual(new Set([7 * 24 * 3600]));
  expect(await secondsOf('email_code', person)).toEqual([]); // it was mailed to the earlier address
  const dead = await Promise.all([link, reset].map(async (old) => (await idp.browser().go(old)).response.status));
  expect(dead).toEqual([410, 410]);
  const { url } = await idp.browser().signIn(authorizationRequest(client), to);
  expect(url.searchParams.has('code')).toBe(true);
});

test('A-02: a taken address is only spoken of in its own mailbox, and nothing changes', async () => {
  const [person, holder] = [await idp.person(), await idp.person()];

  const answers = [await ask(person, holder.email), await ask(person, newAddress())];

  expect(answers).toEqual([{ ok: true }, { ok: true }]);
  const letter = await idp.inbox.letterTo(holder.email);
  expect([letter.subject, linkIn(letter.text)]).toEqual(['This address has an account already', '']);
  expect(await ask(person, 'no address')).toEqual({ ok: false, reason: 'email_invalid' });
});

test('A-26: three letters an hour go to an address, and whoever asks for more is not told', async () => {
  const [person, to] = [await idp.person(), newAddress()];
  for (let i = 0; i < 5; i += 1) expect(await ask(person, to)).toEqual({ ok: true });

  const jobs = await idp.sql(`select 1 from pgboss.job where name = 'mail' and data ->> 'email' = ?`, [to]);
  expect(jobs).toHaveLength(3);
});

test('another spelling of the own address is confirmed like any other; the letters speak the language of page and account', async () => {
  const person = await idp.person();
  await idp.sql(`update account set locale = 'es' where id = ?`, [person.id]);
  const to = person.email.replace('person', 'Person');
  await emailChange.request(idp.orm.em.fork(), {
    accountId: person.id,
    email: to,
    address: '198.51.100.1',
    locale: 'de',
  });

  const letter = await idp.inbox.letterTo(to);
  await confirm(linkIn(letter.text));

  expect(letter.html).toContain('lang="de"');
  expect((await accountOf(person))?.email).toBe(to);
  expect((await idp.inbox.letterTo(person.email)).html).toContain('lang="es"');
});

test('A-30: of twenty accounts that take one address at the same moment, one gets it', async () => {
  const to = newAddress();
  const people = await Promise.all(Array.from({ length: 3 }, () => idp.person()));
  const links: string[] = [];
  for (const person of people) {
    await ask(person, to);
    links.push(await idp.linkTo(to));
  }

  const answers = await Promise.all(links.flatMap((link) => [link, link]).map(confirm));

  expect(answers.filter(({ url }) => url.pathname === '/confirm-email/done')).toHaveLength(1);
  expect(answers.filter(({ response }) => response.status >= 500)).toEqual([]);
  expect(await idp.sql('select 1 from account where email_normalized = ?', [to])).toHaveLength(1);
});

test('of two changes of one account the one confirmed stands, and the other link is dead', async () => {
  const person = await idp.person();
  const [mistyped, meant] = [newAddress(), newAddress()];
  await ask(person, mistyped);
  await ask(person, meant);
  const [late, link] = [await idp.linkTo(mistyped), await idp.linkTo(meant)];

  await confirm(link);

  expect((await idp.browser().go(late)).response.status).toBe(410);
  expect((await accountOf(person))?.email).toBe(meant);
});

test('R-49: a letter that is put off until the owner has changed the password, or the address, brings no link any more', async () => {
  const person = await idp.person();
  const [thiefs, owners] = [newAddress(), newAddress()];
  await ask(person, thiefs);
  await idp.inbox.letterTo(thiefs);

  const act = { accountId: person.id, actor: person.id, password: 'seven bridges at dusk 22' };
  expect((await changes.changePassword(idp.orm.em.fork(), act)).ok).toBe(true);
  await idp.writtenAgain('email_change', thiefs);

  expect(await idp.inbox.all(thiefs)).toHaveLength(1);

  await ask(person, thiefs);
  await ask(person, owners);
  await idp.inbox.letterTo(thiefs);
  await confirm(await idp.linkTo(owners));
  await idp.writtenAgain('email_change', thiefs);

  expect(await idp.inbox.all(thiefs)).toHaveLength(2); // the one more is the second wish, written while it was one
  expect((await accountOf(person))?.email).toBe(owners);
});

test('undone from the old address: that is the address again, everybody is out, and a new password has to be chosen', async () => {
  const { account, browser: thief, refresh_token } = await idp.tokens(client);
  await idp.sql(`insert into recovery_code (hash, account_id, created_at) values
    ('owners ${account.id}', '${account.id}', now() - interval '1 year'), ('thiefs ${account.id}', '${account.id}', now())`);
  const undo = await move(account, account.email, newAddress());
  const another = newAddress();
  await ask(account, another);
  const thiefs = await idp.linkTo(another);

  const undone = await confirm(undo);

  expect(undone.url.pathname).toBe('/confirm-email/undone');
  expect(await accountOf(account)).toMatchObject({ email: account.email, password_hash: null });
  expect(await idp.linkTo(account.email)).toContain('/reset-password/new?token=');
  const codes = await idp.sql('select hash from recovery_code where account_id = ?', [account.id]);
  expect(codes).toEqual([{ hash: `owners ${account.id}` }]);
  expect((await thief.authorize(authorizationRequest(client))).text).toContain('type="password"');
  const refreshed = await idp.token(client, { grant_type: 'refresh_token', refresh_token });
  expect(refreshed.body['error']).toBe('invalid_grant');
  for (const dead of [undo, thiefs]) expect((await idp.browser().go(dead)).response.status).toBe(410);
  const actions = await idp.sql<{ action: string }>('select action from audit_event where account_id = ?', [
    account.id,
  ]);
  expect(actions.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['account.email_changed', 'account.email_change_undone', 'account.password_disabled']),
  );
});

test('of changes that undo each other: whoever had the account first has the last word', async () => {
  const person = await idp.person();
  const [second, third] = [newAddress(), newAddress()];
  const first = await move(person, person.email, second);
  const thiefs = await move(person, second, third);

  await confirm(thiefs); // whoever took the account goes back to an address of their own
  expect((await accountOf(person))?.email).toBe(second);
  await confirm(first);

  expect((await accountOf(person))?.email).toBe(person.email);

  const other = await idp.person();
  const taken = newAddress();
  const owners = await move(other, other.email, taken);
  const next = await move(other, taken, newAddress());
  await confirm(owners);

  expect((await idp.browser().go(next)).response.status).toBe(410);
  expect((await accountOf(other))?.email).toBe(other.email);
  expect(await idp.linkTo(other.email)).toContain('/reset-password/new');
  expect(await move(other, other.email, newAddress())).toContain('/confirm-email/undo'); // and is told the next time too
});

test('an address that was undone while its letter waited gets no link to come back with', async () => {
  const person = await idp.person();
  const [second, third] = [newAddress(), newAddress()];
  const first = await move(person, person.email, second);
  await idp.sql(`insert into audit_event (id, at, action, account_id, detail)
    values (gen_random_uuid(), now() + interval '1 minute', 'account.email_change_undone', '${person.id}', '{}')`);
  await ask(person, third);
  await confirm(await idp.linkTo(third));

  await eventually(async () => {
    const [job] = await idp.sql<{ state: string }>(
      `select state::text from pgboss.job where data ->> 'kind' = 'email_changed' and data ->> 'email' = ?`,
      [second],
    );
    return job?.state === 'completed';
  });
  expect((await idp.inbox.all(second)).filter(({ text }) => text.includes('/undo?'))).toEqual([]);
  expect(first).toContain('/confirm-email/undo');
});
