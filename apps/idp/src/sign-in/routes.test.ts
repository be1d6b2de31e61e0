import { createHash } from 'node:crypto';
import { unique } from '@portcullis/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPasswords } from '#accounts/passwords.ts';
import { authorizationRequest, type Browser, type Page, password, startIdp, type TestIdp } from '#harness.ts';
import { signInRoutes } from './routes.ts';
import { baseOf, giveTotp, send, sendPassword, stepAt } from './test/member.ts';

let idp: TestIdp;
let shop: string;
beforeAll(async () => {
  idp = await startIdp();
  shop = await idp.declare({ name: '<Shop>', logoUri: 'https://shop.example/logo.png' });
});
/** No test's wrong guesses keep another one out. */
afterEach(() => idp.memory.flushdb());
afterAll(() => idp[Symbol.asyncDispose]());

const wrongPassword = 'wrong horse battery';

async function arrive(over: Record<string, string> = {}, browser: Browser = idp.browser()) {
  return { browser, page: await browser.authorize(authorizationRequest(shop, over)) };
}

test('the page names the application, escaped, and lets a password manager fill it in', async () => {
  const { page } = await arrive();

  expect(page.response.status).toBe(200);
  expect(page.response.headers.get('cache-control')).toBe('no-store');
  expect(page.text).toContain('&lt;Shop&gt;');
  expect(page.text).not.toContain('<Shop>');
  expect(page.text).toContain('src="https://shop.example/logo.png"');
  expect(page.text).toMatch(/name="email"[^>]*autocomplete="username webauthn"/);
  expect(page.text).toMatch(/name="password"[^>]*autocomplete="current-password"/);
  for (const link of ['/register', '/reset-password'])
    expect(page.text).toContain(
      `href="${link}?from&#x3D;${baseOf(page).slice('/sign-in/'.length)}&amp;ui_locales&#x3D;en"`,
    );
});

test('R-60: these pages may show the logo and lead to the application, and nothing else', async () => {
  const policy = (await arrive()).page.response.headers.get('content-security-policy');

  expect(policy).toContain('img-src https://shop.example ');
  expect(policy).toMatch(/form-action (?:\S+ )*https:\/\/app\.example[ ;]/);
  expect(policy).toContain("default-src 'none'");
});

test('ui_locales: the page speaks the language that the application asks for', async () => {
  const { page } = await arrive({ ui_locales: 'fr de-AT en' });

  expect(page.text).toContain('<html lang="de"');
  expect(page.text).toContain('Passwort vergessen?');
});

test('whether to stay signed in is kept with the session', async () => {
  const person = await idp.person();
  for (const more of [{ remember: 'yes' }, {}]) {
    const { browser, page } = await arrive();
    await sendPassword(browser, page, person, more);
  }

  const sessions = await idp.sql<{ transient: boolean | null }>(
    `select payload -> 'transient' as transient from sso_session where account_id = ? order by created_at`,
    [person.id],
  );
  expect(sessions.map(({ transient }) => transient)).toEqual([null, true]);
});

test('A-02: a known and an unknown address get the same status, headers and bytes', async () => {
  const known = (await idp.person()).email;
  const unknown = `${unique('person')}@example.org`;

  const [one, other] = [await refusedFor(known), await refusedFor(unknown)];

  expect(comparable(one, known)).toEqual(comparable(other, unknown));
  expect(one.response.status).toBe(422);
  expect(one.text).toContain('do not go together');
  expect(one.text).not.toContain('wrong horse');

  async function refusedFor(email: string) {
    const { browser, page } = await arrive();
    return sendPassword(browser, page, { id: '', email }, { password: wrongPassword });
  }
  function comparable({ response, text, url }: Page, email: string) {
    const changing = ['date', 'x-request-id', 'content-length', 'etag', 'set-cookie'];
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !changing.includes(name)),
      html: text
        .replaceAll(email, 'EMAIL')
        .replaceAll(url.pathname.split('/')[2] ?? '', 'UID')
        .replace(/name="csrf" value="[^"]+"/g, 'CSRF')
        .replace(/challenge&quot;:&quot;[\w-]+/g, 'CHALLENGE'),
    };
  }
});

test('R-61: no form of a sign-in does anything without the token of its page', async () => {
  const { browser, page } = await arrive();
  const through = () => async () => undefined;
  const { stack } = signInRoutes({
    door: { due: through, dueToKnown: through, anywhere: through },
    csrf: { protect: () => undefined },
    credentials: {},
    secondFactor: {},
    enrol: {},
    accountChoice: {},
  } as never);
  const forms = stack.filter(({ methods }) => methods.includes('POST')).map(({ path }) => String(path));
  expect(forms.length).toBeGreaterThan(10);
  for (const form of forms) {
    const path = form.replace('/sign-in/:uid', baseOf(page));
    for (const csrf of ['', 'x'.repeat(43)])
      expect([path, (await browser.post(path, { csrf })).response.status]).toEqual([path, 403]);
  }
});

test('A-02: the chooser names those who asked to be remembered at this browser, and nobody whom a made-up cookie names', async () => {
  const [kept, passing, stranger] = [await idp.person(), await idp.person(), await idp.person()];
  const { browser, page } = await arrive();
  await sendPassword(browser, page, kept, { remember: 'yes' });
  browser.cookies.delete('portcullis_session');
  await sendPassword(browser, (await arrive({}, browser)).page, passing);
  browser.cookies.delete('portcullis_session');
  const own = (await arrive({ prompt: 'select_account' }, browser)).page;
  expect([kept, passing].map(({ email }) => own.text.includes(email))).toEqual([true, false]);

  const planted = idp.browser();
  planted.cookies.set('portcullis_accounts', { value: stranger.id, path: '/' });
  const { page: chooser } = await arrive({ prompt: 'select_account' }, planted);
  expect(chooser.response.status).toBe(200);
  expect(chooser.text).not.toContain(stranger.email);
});

test('whoever has an authenticator is mailed no code in its place', async () => {
  const person = await idp.person();
  await giveTotp(idp, person);
  const { browser, page } = await arrive({ acr_values: 'urn:portcullis:acr:email-code' });
  const asked = await sendPassword(browser, page, person);
  expect(stepAt(await send(browser, asked, '/second-factor/mail'))).toBe('/second-factor');
  const mailed = `select 1 from pgboss.job where data ->> 'kind' = 'email_code' and data ->> 'accountId' = ?`;
  expect(await idp.sql(mailed, [person.id])).toEqual([]);
});

test('a banned person is told why and until when, after the right password only', async () => {
  const person = await idp.person();
  await idp.sql(
    `insert into ban (id, account_id, reason, message, banned_at, until, revocation_ids)
     values (gen_random_uuid(), ?, 'fraud', 'You sold a bridge.', now(), '2099-01-02T03:04:00Z', '{}')`,
    [person.id],
  );
  const { browser, page } = await arrive();

  const wrong = await sendPassword(browser, page, person, { password: wrongPassword });
  const right = await sendPassword(browser, wrong, person);

  expect(wrong.text).not.toContain('bridge');
  expect(right.response.status).toBe(403);
  expect(right.text).toContain('You sold a bridge.');
  expect(right.text).toContain('2099');
  expect(await idp.sql('select from sso_session where account_id = ?', [person.id])).toEqual([]);
});

test('a sign-in that has ended offers the way back, and tests no password', async () => {
  const person = await idp.person();
  const { browser, page } = await arrive();
  await idp.memory.flushdb();

  const after = await sendPassword(browser, page, person);

  expect(after.response.status).toBe(410);
  expect(after.text).toContain('That took too long');
  expect(after.text).toContain('href="https://app.example/"');
  expect(await idp.sql('select from sso_session where account_id = ?', [person.id])).toEqual([]);
});

test('cancelling goes back to the application', async () => {
  const { browser, page } = await arrive();

  const { url } = await send(browser, page, '/cancel');

  expect(url.searchParams.get('error')).toBe('access_denied');
});

test('R-20: a refusal is a redirect to the page, which says it once: reloaded, it is the form again', async () => {
  const { browser, page } = await arrive();

  const refused = await sendPassword(browser, page, await idp.person(), { password: wrongPassword });

  expect(browser.redirects.at(-1)).toBe(303);
  expect(refused.text).toContain('do not go together');
  expect((await browser.go(page.url.href)).text).not.toContain('do not go together');
});

test('the form half filled in comes back with what was typed', async () => {
  const { browser, page } = await arrive();

  const fields = { email: 'half@example.org', password: '', remember: 'yes' };
  const { response, text } = await send(browser, page, '', fields);

  expect(response.status).toBe(422);
  expect(text).toContain('Enter your email and your password.');
  expect(text).toContain('value="half@example.org"');
  expect(text).toMatch(/name="remember"[^>]*checked/);
});

test.each([
  ['without a token', ''],
  ['with a foreign token', 'x'.repeat(43)],
])('R-61: a form %s tests no password', async (_, csrf) => {
  const { email } = await idp.person();
  const { browser, page } = await arrive();

  const { response } = await browser.post(baseOf(page), { csrf, email, password });

  expect(response.status).toBe(403);
});

test('a hint fills in the address for a stranger, and whoever only confirms sees their own', async () => {
  expect((await arrive({ login_hint: 'hint@example.org' })).page.text).toContain('value="hint@example.org"');

  const { browser, account } = await idp.tokens(shop);
  const { page } = await arrive({ prompt: 'login' }, browser);
  expect(page.text).toMatch(new RegExp(`Confirm that it is you[^]*value="${account.email}"`));
  const other = await send(browser, page, '/restart');
  expect(stepAt(other)).toBe('');
  expect(other.text).not.toContain(account.email);
});

test('A-18: when the node is busy the page says so with 503 and Retry-After', { timeout: 90_000 }, async () => {
  const slow = await createPasswords({ parameters: { memoryKiB: 19_456, passes: 40, lanes: 1 } }).hash(password);
  const person = await idp.person();
  await idp.sql('update account set password_hash = ? where id = ?', [slow, person.id]);
  const crowd = await Promise.all(Array.from({ length: 9 }, () => arrive()));
  const mail = (i: number) => ({ id: '', email: createHash('sha256').update(`${i}`).digest('hex').slice(0, 12) });

  const flood = Array.from({ length: 50 }, (_, i) => {
    const { browser, page } = crowd[i % crowd.length] as (typeof crowd)[number];
    return sendPassword(browser, page, i < 3 ? person : mail(i));
  });
  const busy = (await Promise.all(flood)).filter(({ response }) => response.status === 503);

  expect(busy.length).toBeGreaterThan(0);
  expect(busy[0]?.response.headers.get('retry-after')).toBe('2');
  expect(busy[0]?.text).toContain('Please try again in 2 seconds.');
});
