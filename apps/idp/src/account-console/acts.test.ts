import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, startIdp, type TestIdp } from '#harness.ts';
import { besiege } from '#sign-in/test/member.ts';
import { picturePath } from './pictures.ts';
import { samples } from './test/samples.ts';
import { eventsOf, send, sendPicture, signedIn, type Visitor } from './test/visitor.ts';

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
  const { text } = await person.browser.go('/account/applications');
  expect(text).toContain(`Application ${client}`);
  expect(text).toContain('Your name, picture and language, and the roles of your account');

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
  const refused = await send(person, '/account/profile', { name: '\u200b', locale: 'de' });
  expect([refused.response.status, refused.text]).toEqual([
    422,
    expect.stringContaining('href="/account" aria-current="page"'),
  ]);
  await send(person, '/account/profile', { name: 'Mara Gate', locale: 'de' }); // nothing new, nothing to record
  expect(await eventsOf(idp, person, 'account.')).toEqual([
    'account.signed_in',
    'account.profile_changed',
    'account.picture_changed',
    'account.signed_in',
  ]);
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

test('what signs other devices out and ends their trust says so beforehand', async () => {
  const { account, browser } = await signedIn(idp);
  await idp.sql(
    `insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, 'x', 0, now())`,
    [account.id],
  );
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{acr}', '"urn:portcullis:acr:mfa"') where account_id = ?`,
    [account.id],
  );
  for (const page of ['recovery-codes', 'authenticator', 'passkeys'])
    expect((await browser.go(`/account/security/${page}`)).text).toContain(
      'When this changes, your other devices are signed out, and no device is trusted any more.',
    );
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
  expect(await eventsOf(idp, person, 'account.picture')).toEqual([
    'account.picture_changed',
    'account.picture_changed',
    'account.picture_removed',
  ]);
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

test('R-44: guesses elsewhere do not keep the owner out of the browser where the password was changed', async () => {
  const { browser, csrf, account } = await signedIn(idp);
  const client = await idp.declare();
  await send({ browser, csrf }, '/account/security/password', { password: 'a meadow beneath seven lanterns' });
  await besiege(idp, account.email);
  for (const name of browser.cookies.keys()) if (/session/.test(name)) browser.cookies.delete(name);

  const inside = await browser.signIn(authorizationRequest(client), account.email, 'a meadow beneath seven lanterns');

  expect(inside.url.searchParams.has('code')).toBe(true);
});

test('trusted browsers are forgotten one at a time or all at once; codes for a lost factor are for those who have one', async () => {
  const person = await signedIn(idp);
  const devices = () =>
    idp.sql<{ id: string }>(`select id from trusted_device where account_id = ? order by id`, [person.account.id]);
  await idp.sql(
    `insert into trusted_device (id, account_id, token_hash, created_at, last_used_at, expires_at)
     select gen_random_uuid(), ?, gen_random_uuid(), now(), now(), now() + interval '1 day' from generate_series(1, 3)`,
    [person.account.id],
  );
  const [first, ...others] = await devices();
  await send(person, `/account/security/devices/${first?.id}/revoke`);
  expect(await devices()).toEqual(others);
  await send(person, '/account/security/devices/revoke-all');
  expect(await devices()).toEqual([]);
  expect(await eventsOf(idp, person, 'device.')).toHaveLength(3);

  await send(person, '/account/security/recovery-codes');
  expect(await idp.sql('select 1 from recovery_code where account_id = ?', [person.account.id])).toEqual([]);
});

async function signedInPage(browser: Visitor['browser'], email: string) {
  return browser.submit(await browser.go('/account'), email);
}
