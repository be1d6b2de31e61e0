import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorizationRequest,
  callback,
  claimsOf,
  exchange,
  type AuthorizationRequest,
  type Page,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import {
  baseOf,
  giveTotp,
  newAuthenticator,
  passkeyOptions,
  send,
  sendPassword,
  sendTotp,
  stepAt,
  totpCode,
} from './test/member.ts';

const mfa = 'urn:portcullis:acr:mfa';
const byPassword = 'urn:portcullis:acr:password';
const phishingResistant = 'urn:portcullis:acr:phishing-resistant';

let idp: TestIdp;
let shop: string;
let vault: string;
beforeAll(async () => {
  idp = await startIdp({ settings: { SECOND_FACTOR_ROLES: 'treasurer' } });
  shop = await idp.declare();
  vault = await idp.declare({ minimumAcr: mfa });
});
afterAll(() => idp[Symbol.asyncDispose]());

test('whoever has an authenticator is asked for its code at every application; the tokens tell what was shown', async () => {
  const person = await member();
  const browser = idp.browser();
  const request = authorizationRequest(shop);

  const asked = await sendPassword(browser, await browser.authorize(request), person);
  expect(stepAt(asked)).toBe('/second-factor');
  expect(asked.text).toContain(person.email);
  const tokens = await tokensOf(request, await sendTotp(browser, asked, await totpCode(idp, person)));

  for (const token of [tokens.id_token, tokens.access_token])
    expect(claimsOf(token)).toMatchObject({ sub: person.id, acr: mfa, amr: ['pwd', 'otp', 'mfa'] });
  const again = authorizationRequest(vault);
  expect(claimsOf((await tokensOf(again, await browser.authorize(again))).id_token)).toMatchObject({ acr: mfa });
  const [event] = await idp.sql('select detail from audit_event where action = ? and account_id = ?', [
    'account.signed_in',
    person.id,
  ]);
  expect(event).toMatchObject({ detail: { acr: mfa } });
});

test('RFC 9470: a stronger demand asks for what is missing, keeps auth_time, and gives the session a new id (R-30)', async () => {
  const { browser, person, tokens } = await signedInByPassword();
  await giveTotp(idp, person);
  const id = browser.cookies.get('portcullis_session')?.value;
  const aged = `jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 100))`;
  await idp.sql(`update sso_session set payload = ${aged} where account_id = ?`, [person.id]);

  const request = authorizationRequest(shop, { acr_values: `${mfa} ${phishingResistant}` });
  const asked = await browser.authorize(request);
  expect(stepAt(asked)).toBe('/second-factor');
  const stronger = await tokensOf(request, await sendTotp(browser, asked, await totpCode(idp, person)));

  const [before, after] = [claimsOf(tokens.id_token), claimsOf(stronger.id_token)];
  expect(before).toMatchObject({ acr: byPassword, amr: ['pwd'] });
  expect(after).toMatchObject({ acr: mfa, auth_time: Number(before['auth_time']) - 100, sid: before['sid'] });
  expect(browser.cookies.get('portcullis_session')?.value).not.toBe(id);
});

test.each([{ prompt: 'login' }, { max_age: '0' }])(
  '%j demands everything anew, however strong it was',
  async (more) => {
    const { browser, person } = await signedInByPassword();
    await giveTotp(idp, person);

    const request = authorizationRequest(shop, { acr_values: mfa, ...more });
    await eventually(async () => stepAt(await browser.authorize(request)) === '');
    const first = await browser.authorize(request);
    const second = await sendPassword(browser, first, person);
    expect(stepAt(second)).toBe('/second-factor');
    expect(second.text).not.toContain('name="trust"');
    const { url } = await sendTotp(browser, second, await totpCode(idp, person), { trust: 'yes' });
    expect(url.searchParams.has('code')).toBe(true);
    expect(await idp.sql('select from trusted_device where account_id = ?', [person.id])).toEqual([]);
  },
);

test('prompt=none with too weak a session is login_required', async () => {
  const { browser } = await signedInByPassword();

  const strong = await browser.authorize(authorizationRequest(shop, { acr_values: mfa, prompt: 'none' }));
  const weak = await browser.authorize(authorizationRequest(shop, { acr_values: byPassword, prompt: 'none' }));
  const wished = await browser.authorize(authorizationRequest(shop, { acr_values: 'urn:other', prompt: 'none' }));

  expect(strong.url.searchParams.get('error')).toBe('login_required');
  expect(weak.url.searchParams.has('code')).toBe(true);
  expect(wished.url.searchParams.has('code')).toBe(true);
});

test('R-39: a trusted device spares the code where nothing is demanded, and only there, only to its own account', async () => {
  const person = await member();
  const browser = idp.browser();
  const signIn = async (over: Record<string, string> = {}, who: Person = person, client = shop) =>
    sendPassword(browser, await browser.authorize(authorizationRequest(client, over)), who);
  const asked = await signIn();
  await sendTotp(browser, asked, await totpCode(idp, person), { trust: 'yes' });
  browser.cookies.delete('portcullis_session');

  const spared = await signIn();
  expect(spared.url.searchParams.has('code')).toBe(true);
  const stronger = authorizationRequest(vault);
  const stepUp = await browser.authorize(stronger);
  expect(stepAt(stepUp)).toBe('/second-factor');
  expect(stepAt(await signIn({ prompt: 'login' }))).toBe('/second-factor');
  browser.cookies.delete('portcullis_session');
  expect(stepAt(await signIn({}, person, vault))).toBe('/second-factor');
  expect(stepAt(await signIn({}, await member()))).toBe('/second-factor');
});

test('an application or a role that demands two factors gets an account its second: authenticator, then codes that are shown until kept', async () => {
  const person = await idp.person();
  await idp.sql(`update account set roles = '{treasurer}' where id = ?`, [person.id]);
  const browser = idp.browser();
  const request = authorizationRequest(shop);
  const enrol = await sendPassword(browser, await browser.authorize(request), person);
  expect(stepAt(enrol)).toBe('/enrol');

  const page = await browser.go(`${baseOf(enrol)}/enrol/authenticator`);
  const secret = /secret-key[^>]*>([^<]+)</.exec(page.text)?.[1]?.replaceAll(' ', '') ?? '';
  const wrong = await send(browser, page, '/enrol/authenticator', { code: '000000' });
  expect(wrong.response.status).toBe(422);
  const codes = await send(browser, wrong, '/enrol/authenticator', { code: await codeOf(secret) });

  expect(stepAt(codes)).toBe('/recovery-codes');
  const shown = [...codes.text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code = '']) => code);
  expect(shown).toHaveLength(10);
  const file = await browser.go(`${baseOf(codes)}/recovery-codes/download`);
  expect(file.text.split('\r\n')).toEqual(expect.arrayContaining(shown));
  const tokens = await tokensOf(request, await send(browser, codes, '/recovery-codes'));
  expect(claimsOf(tokens.id_token)).toMatchObject({ acr: mfa });

  const elsewhere = idp.browser();
  const later = authorizationRequest(vault);
  const asked = await sendPassword(elsewhere, await elsewhere.authorize(later), person);
  const lost = { method: 'recovery_code', code: shown[0] ?? '', trust: 'yes' };
  const inAgain = await send(elsewhere, asked, '/second-factor', lost);
  expect(inAgain.url.searchParams.has('code')).toBe(true);
  expect(await idp.sql('select from trusted_device where account_id = ?', [person.id])).toEqual([]);
});

test('a passkey set up on the way in opens alone from then on, and is what resists phishing', async () => {
  const person = await idp.person();
  const browser = idp.browser();
  const authenticator = newAuthenticator(idp);
  const enrol = await sendPassword(browser, await browser.authorize(authorizationRequest(vault)), person);
  const response = authenticator.create(passkeyOptions(enrol));
  const codes = await send(browser, enrol, '/enrol/passkey', { response, name: 'Key' });
  expect(stepAt(codes)).toBe('/recovery-codes');

  const elsewhere = idp.browser();
  const request = authorizationRequest(shop, { acr_values: phishingResistant });
  const first = await elsewhere.authorize(request);
  const done = await send(elsewhere, first, '/passkey', { response: authenticator.get(passkeyOptions(first)) });
  expect(claimsOf((await tokensOf(request, done)).id_token)).toMatchObject({ acr: phishingResistant });

  const third = idp.browser();
  const asked = await sendPassword(third, await third.authorize(authorizationRequest(vault)), person);
  const key = authenticator.get(passkeyOptions(asked), { userVerified: false });
  const byKey = await send(third, asked, '/second-factor/passkey', { response: key });
  expect(byKey.url.searchParams.has('code')).toBe(true);
  const stepUp = await third.authorize(request);
  const tooWeak = authenticator.get(passkeyOptions(stepUp), { userVerified: false });
  const refused = await send(third, stepUp, '/second-factor/passkey', { response: tooWeak });
  expect(refused.response.status).toBe(422);
  expect(refused.text).toContain('did not check that it is you');
});

test('phishing resistance is not reached by adding a passkey for a mere password: the code comes first', async () => {
  const person = await member();
  const browser = idp.browser();
  const request = authorizationRequest(shop, { acr_values: phishingResistant });
  const asked = await sendPassword(browser, await browser.authorize(request), person);
  expect(stepAt(asked)).toBe('/second-factor');

  const enrol = await sendTotp(browser, asked, await totpCode(idp, person));
  expect(stepAt(enrol)).toBe('/enrol');
  expect(enrol.text).not.toContain('/enrol/authenticator');
  const atAuthenticator = await browser.go(`${baseOf(enrol)}/enrol/authenticator`);
  expect(stepAt(atAuthenticator)).toBe('/enrol');
});

test('R-38: a session of before does not get a new factor into the account: the password comes first', async () => {
  const { browser, person } = await signedInByPassword();
  const request = authorizationRequest(vault);

  const page = await browser.authorize(request);
  expect(stepAt(page)).toBe('');
  expect(stepAt(await browser.go(`${baseOf(page)}/enrol`))).toBe('');
  expect(stepAt(await sendPassword(browser, page, person))).toBe('/enrol');
});

test.each([
  ['banned', 'This account is blocked', (id: string) => ban(id)],
  ['disabled', 'This account is switched off', (id: string) => disable(id)],
])('an account %s in the middle of its sign-in gets no further, and no session', async (_, words, stop) => {
  const person = await member();
  const browser = idp.browser();
  const asked = await sendPassword(browser, await browser.authorize(authorizationRequest(shop)), person);
  await stop(person.id);

  const after = await sendTotp(browser, asked, await totpCode(idp, person));

  expect(after.response.status).toBe(403);
  expect(after.text).toContain(words);
  expect(await idp.sql('select from sso_session where account_id = ?', [person.id])).toEqual([]);
});

test('a password changed in the middle of a sign-in: what is half done is worth nothing, and nothing can be enrolled', async () => {
  const person = await idp.person();
  const browser = idp.browser();
  const enrol = await sendPassword(browser, await browser.authorize(authorizationRequest(vault)), person);
  await idp.sql('update account set password_changed_at = now() where id = ?', [person.id]);

  const response = newAuthenticator(idp).create(passkeyOptions(enrol));
  const after = await send(browser, enrol, '/enrol/passkey', { response });

  expect(stepAt(after)).toBe('');
  expect(await idp.sql('select from passkey where account_id = ?', [person.id])).toEqual([]);
});

test('the account chooser: who is signed in goes on by one click, another one signs in with the address filled in', async () => {
  const [one, other] = [await idp.person(), await idp.person()];
  const browser = idp.browser();
  const begin = (over: Record<string, string> = {}) => browser.authorize(authorizationRequest(shop, over));
  await sendPassword(browser, await begin(), other, { remember: 'yes' });
  browser.cookies.delete('portcullis_session');
  await sendPassword(browser, await begin(), one, { remember: 'yes' });

  const chooser = await begin({ prompt: 'select_account' });
  expect(stepAt(chooser)).toBe('/account');
  expect(chooser.text.indexOf(one.email)).toBeLessThan(chooser.text.indexOf(other.email));
  expect((await send(browser, chooser, '/account', { account: one.id })).url.searchParams.has('code')).toBe(true);

  const second = await begin({ prompt: 'select_account' });
  const picked = await send(browser, second, '/account', { account: other.id });
  expect(stepAt(picked)).toBe('');
  expect(picked.text).toContain(`value="${other.email}"`);

  const third = await begin({ prompt: 'select_account' });
  const forgotten = await send(browser, third, '/account/forget', { account: other.id });
  expect(forgotten.text).not.toContain(other.email);
  const stranger = await send(browser, forgotten, '/account', { account: other.id });
  expect(stranger.text).not.toContain(other.email);
});

async function member(): Promise<Person> {
  const person = await idp.person();
  await giveTotp(idp, person);
  return person;
}

async function signedInByPassword() {
  const tokens = await idp.tokens(shop);
  return { browser: tokens.browser, person: tokens.account, tokens };
}

async function tokensOf(request: AuthorizationRequest, { url }: Page): Promise<Record<string, string>> {
  expect(url.href.startsWith(callback), `still at ${url.pathname}`).toBe(true);
  const { status, body } = await idp.token(request.clientId, exchange(request, url));
  expect(status).toBe(200);
  return body;
}

async function codeOf(secret: string): Promise<string> {
  const { generate } = await import('otplib');
  return generate({ secret });
}

function ban(id: string): Promise<unknown> {
  return idp.sql(
    `insert into ban (id, account_id, reason, banned_at, revocation_ids) values (gen_random_uuid(), ?, 'other', now(), '{}')`,
    [id],
  );
}

function disable(id: string): Promise<unknown> {
  return idp.sql('update account set disabled_at = now() where id = ?', [id]);
}
