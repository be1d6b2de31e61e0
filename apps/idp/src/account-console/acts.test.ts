import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntityManager } from '@mikro-orm/postgresql';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { hiddenField, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { issueToken } from '#single-use/service.ts';
import { createDeletions } from './deletions.ts';
import { picturePath } from './pictures.ts';
import { samples } from './test/samples.ts';
import { send, signedIn, tablesOfAccounts, type Visitor } from './test/visitor.ts';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('R-35: a person sees where they are signed in, and ends one session or all others: their tokens are dead', async () => {
  const client = await idp.declare();
  const person = await signedIn(idp);
  const { account } = person;
  const [one, other] = [await idp.tokens(client, {}, { account }), await idp.tokens(client, {}, { account })];
  const refresh = (token: string) => idp.token(client, { grant_type: 'refresh_token', refresh_token: token });
  const uidOf = (jwt: string) =>
    String(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).sid).split('.')[0];

  const page = await person.browser.go('/account/sessions');
  expect(page.text.match(/This device/g)).toHaveLength(1);
  expect(page.text.match(/\/end"/g)).toHaveLength(2);
  expect(page.text).not.toContain(`/account/sessions/${person.uid}/end`);
  expect(page.text).not.toContain('portcullis-account');

  await send(person, `/account/sessions/${uidOf(one.id_token)}/end`);
  expect((await refresh(one.refresh_token)).status).toBe(400);
  expect((await refresh(other.refresh_token)).status).toBe(200);

  const after = await send(person, '/account/sessions/end-others');
  expect(after.text).toContain('All other devices are signed out.');
  expect((await person.browser.go('/account/sessions')).text).not.toContain('All other devices are signed out.');
  expect(await idp.sql('select uid from sso_session where account_id = ?', [account.id])).toEqual([
    { uid: person.uid },
  ]);
});

test('what a person withdraws from an application it has no more', async () => {
  const client = await idp.declare();
  const person = await signedIn(idp);
  const { refresh_token: token } = await idp.tokens(client, {}, { account: person.account });
  expect((await person.browser.go('/account/applications')).text).toContain(`Application ${client}`);

  const page = await send(person, `/account/applications/${client}/withdraw`);

  expect(page.text).not.toContain(`Application ${client}`);
  expect((await idp.token(client, { grant_type: 'refresh_token', refresh_token: token })).status).toBe(400);
});

test('name and language are what applications and pages go by from then on', async () => {
  const client = await idp.declare();
  const person = await signedIn(idp);

  const page = await send(person, '/account/profile', { name: '  Mara Gate ', locale: 'de' });
  expect(page.text).toContain('<html lang="de"');
  expect(page.text).toContain('Gespeichert.');
  await sendPicture(person, samples.png);
  const { access_token: token } = await idp.tokens(client, { resource: '' }, { account: person.account });
  const claims = await (await fetch(`${idp.origin}/me`, { headers: { authorization: `Bearer ${token}` } })).json();

  const picture = expect.stringMatching(new RegExp(`^${idp.issuer}/pictures/[\\w-]{43}$`));
  expect(claims).toMatchObject({ name: 'Mara Gate', locale: 'de', picture });
  const refused = await send(person, '/account/profile', { name: ' ', locale: 'de' });
  expect(refused.response.status).toBe(422);
});

test('a language that is saved counts at once and in this account alone, whatever was picked in the browser before', async () => {
  const person = await signedIn(idp);
  const neighbour = await idp.person();
  await idp.sql(`update account set locale = 'es' where id = ?`, [neighbour.id]);
  const { browser } = person;
  const languageOf = ({ text }: { text: string }) => /<html lang="(\w+)"/.exec(text)?.[1];
  const saved = async (locale: string) => languageOf(await send(person, '/account/profile', { name: 'Mara', locale }));

  await browser.go('/language/es', { headers: { referer: `${idp.issuer}/account` } });
  expect(languageOf(await browser.go('/account'))).toBe('es');
  expect(await saved('de')).toBe('de');
  await browser.go('/language/es', { headers: { referer: `${idp.issuer}/account` } });
  expect(await saved('')).toBe('en');

  expect(await saved('de')).toBe('de');
  await send(person, '/account/sign-out');
  expect(languageOf(await signedInPage(browser, neighbour.email))).toBe('es');
});

test('A-16: a picture is served as that and nothing else, to whoever has its address, until it is replaced or removed', async () => {
  const person = await signedIn(idp);
  const addressOf = async () => {
    const [row] = await idp.sql<{ picture: string }>('select picture from account where id = ?', [person.account.id]);
    return idp.origin + picturePath(row?.picture ?? '');
  };
  await sendPicture(person, samples.jpeg);
  const first = await addressOf();

  const response = await fetch(first);
  expect(Buffer.from(await response.arrayBuffer()).equals(samples.jpeg)).toBe(true);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });

  await sendPicture(person, samples.webp);
  expect((await fetch(first)).status).toBe(404);
  const second = await addressOf();
  for (const [bytes, words] of [
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'not a PNG, JPEG or WebP'],
    [Buffer.alloc(513 * 1024), 'larger than 512 KB'],
    [Buffer.alloc(12 * 1024 * 1024), 'larger than 512 KB'], // a photo, where no script makes it smaller
    [Buffer.alloc(0), 'Choose a file first'],
  ] as const) {
    const page = await sendPicture(person, bytes);
    expect(page.response.status).toBe(422);
    expect(page.text).toContain(words);
  }
  expect((await sendPicture(person, Buffer.alloc(17 * 1024 * 1024))).response.status).toBe(413);
  expect(await addressOf()).toBe(second);

  await send(person, '/account/picture/remove');
  expect((await fetch(second)).status).toBe(404);
});

test('the own password: too easy ones are refused, the new one counts, other sessions end if that is ticked', async () => {
  const person = await signedIn(idp);
  const client = await idp.declare();
  const before = await idp.tokens(client, {}, { account: person.account });
  const form = await person.browser.go('/account/security/password');
  expect(form.text).toMatch(/name="sign_out_others"[^>]*checked/);

  const weak = await send(person, '/account/security/password', { password: 'short' });
  expect(weak.response.status).toBe(422);
  expect(weak.text).toContain('This password is too short.');
  expect(weak.text).not.toContain('value="short"');

  const fresh = { password: 'a meadow beneath seven lanterns' };
  await send(person, '/account/security/password', fresh);
  expect((await idp.token(client, { grant_type: 'refresh_token', refresh_token: before.refresh_token })).status).toBe(
    200,
  );
  const done = await send(person, '/account/security/password', {
    password: 'nine herons over a copper roof',
    sign_out_others: 'yes',
  });
  expect(done.text).toContain('Your password is changed.');
  expect(await idp.sql('select uid from sso_session where account_id = ?', [person.account.id])).toEqual([
    { uid: person.uid },
  ]);
});

test('my data is all there is in every table, one JSON document, and no secret is in it', async () => {
  const person = await signedIn(idp);
  const { id, email } = person.account;
  const secrets = ['a-sealed-secret', 'a-code-hash', 'a-device-hash', 'an-internal-note'];
  await idp.sql(`insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, ?, 0, now())`, [
    id,
    secrets[0],
  ]);
  await idp.sql(`insert into recovery_code (hash, account_id, created_at) values (?, ?, now())`, [secrets[1], id]);
  await idp.sql(
    `insert into trusted_device (id, account_id, token_hash, user_agent, created_at, last_used_at, expires_at)
     values (gen_random_uuid(), ?, ?, 'A trusted browser', now(), now(), now() + interval '1 day')`,
    [id, secrets[2]],
  );
  await idp.sql(
    `insert into audit_event (id, at, actor, action, account_id, detail) values (gen_random_uuid(), now(), 'cli:root', 'ban.lifted', ?, ?)`,
    [id, JSON.stringify({ note: secrets[3] })],
  );
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{acr}', '"urn:portcullis:acr:mfa"') where account_id = ?`,
    [id],
  );

  const page = await person.browser.go('/account/data/download');

  expect(page.response.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.json"$/);
  const data = JSON.parse(page.text) as Record<string, unknown[]> & { account: object };
  expect(data.account).toMatchObject({ id, email, name: 'A person' });
  const [hash] = await idp.sql<{ hash: string }>('select password_hash as hash from account where id = ?', [id]);
  for (const secret of [...secrets, hash?.hash ?? '', 'argon2']) expect(page.text).not.toContain(secret);
  expect(JSON.stringify(data['trusted_devices'])).toContain('A trusted browser');
  expect(data['authenticators']).toHaveLength(1);
  const [{ events } = { events: 0 }] = await idp.sql<{ events: number }>(
    'select count(*)::int as events from audit_event where account_id = ?',
    [id],
  );
  expect(data['activity']).toHaveLength(events);

  const source = readFileSync(join(import.meta.dirname, 'data.ts'), 'utf8');
  /** What became of a revocation; why there was one is in the activity. */
  const tables = (await tablesOfAccounts(idp)).filter(
    (table) => !['audit_event', 'delivery', 'revocation'].includes(table),
  );
  expect(tables.filter((table) => !source.includes(`from ${table}`))).toEqual([]);
});

test('an account that is to be deleted signs out elsewhere, tells its owner, can be kept, and is gone in the end', async () => {
  const client = await idp.declare();
  const person = await signedIn(idp);
  const { id, email } = person.account;
  const elsewhere = await idp.tokens(client, {}, { account: person.account });
  await sendPicture(person, samples.png);
  const dueOf = async () =>
    (await idp.sql<{ at: Date | null }>('select deletion_at as at from account where id = ?', [id]))[0]?.at;

  expect((await send(person, '/account/delete', { email: 'wrong@example.org' })).response.status).toBe(422);
  expect(await dueOf()).toBeNull();
  const page = await send(person, '/account/delete', { email: email.toUpperCase() });
  expect(page.text).toContain('This account will be deleted on');
  expect(
    (await idp.token(client, { grant_type: 'refresh_token', refresh_token: elsewhere.refresh_token })).status,
  ).toBe(400);
  expect(await letters('deletion_scheduled', id)).toBe(1);

  await send(person, '/account/delete/cancel');
  expect(await dueOf()).toBeNull();

  await send(person, '/account/delete', { email });
  const token = await idp.orm.em
    .fork()
    .transactional((em: EntityManager) =>
      issueToken(em, { purpose: 'deletion_cancel', accountId: id, lifeSeconds: 60 }),
    );
  const stranger = idp.browser();
  const ask = await stranger.go(`/account/keep?token=${token}`);
  expect(ask.text).toContain('Keep my account');
  expect(await dueOf()).not.toBeNull(); // to look is not to act
  const kept = await stranger.post(
    '/account/keep',
    { csrf: hiddenField(ask.text, 'csrf'), token },
    { headers: { 'sec-fetch-site': 'same-origin' } },
  );
  expect(kept.text).toContain('Your account stays');
  expect(await dueOf()).toBeNull();
  expect((await stranger.go(`/account/keep?token=${token}`)).response.status).toBe(410);
});

test('the day an account is due it is deleted once, with everything of it, unless its owner has just kept it', async () => {
  await using opened = openLedgerOf(idp);
  const { ledger, post } = opened;
  const changes = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const node = (remove: typeof changes.remove = changes.remove) =>
    createDeletions({ ledger, post, changes: { remove }, graceDays: 14, now: () => new Date() });
  const client = await idp.declare();
  const [due, keeping, later] = [await signedIn(idp), await signedIn(idp), await signedIn(idp)];
  await idp.tokens(client, {}, { account: due.account });
  await sendPicture(due, samples.png);
  const dueAt = (who: Visitor, interval: string) =>
    idp.sql(`update account set deletion_at = now() + ?::interval where id = ?`, [interval, who.account.id]);
  await Promise.all([dueAt(due, '-1 minute'), dueAt(keeping, '-1 minute'), dueAt(later, '1 minute')]);

  const keepFirst: typeof changes.remove = async (em, act) => {
    if (act.accountId === keeping.account.id) await node().cancel(em.fork(), act.accountId);
    return changes.remove(em, act);
  };
  const removed = await Promise.all([1, 2, 3].map(() => node(keepFirst).removeDue(idp.orm.em.fork())));

  expect(removed.reduce((sum, count) => sum + count)).toBe(1);
  const left = await idp.sql<{ id: string }>('select id from account where id in (?, ?, ?)', [
    due.account.id,
    keeping.account.id,
    later.account.id,
  ]);
  expect(left.map(({ id }) => id).toSorted()).toEqual([keeping.account.id, later.account.id].toSorted());
  expect((await due.browser.go('/account')).url.pathname).toMatch(/^\/sign-in\//);
  const history = ['audit_event', 'ban', 'delivery', 'revocation'];
  for (const table of (await tablesOfAccounts(idp)).filter((name) => !history.includes(name))) {
    const rows = await idp.sql(`select '${table}' from ${table} where account_id = ?`, [due.account.id]);
    expect(rows).toEqual([]);
  }
});

async function signedInPage(browser: Visitor['browser'], email: string) {
  return browser.submit(await browser.go('/account'), email);
}

async function sendPicture({ browser, csrf }: Visitor, bytes: Buffer) {
  const body = new FormData();
  body.set('csrf', csrf);
  body.set('picture', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'me.png');
  return browser.go('/account/picture', { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' } });
}

/** How many of them have been asked for. */
async function letters(kind: string, accountId: string): Promise<number> {
  const count = async () =>
    (
      await idp.sql(`select 1 from pgboss.job where data ->> 'kind' = ? and data ->> 'accountId' = ?`, [
        kind,
        accountId,
      ])
    ).length;
  await eventually(async () => (await count()) > 0);
  return count();
}
