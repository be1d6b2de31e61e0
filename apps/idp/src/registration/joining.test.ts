import { unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, type Browser, hiddenField, mutilated } from '#harness.ts';
import { besiege } from '#sign-in/test/member.ts';
import { fillIn, linkIn, type PostedIdp, startPostedIdp } from './test/mailbox.ts';

const password = 'seven bridges at dusk';

let idp: PostedIdp;
let client: string;
beforeAll(async () => {
  idp = await startPostedIdp();
  client = await idp.declare();
});
afterAll(() => idp[Symbol.asyncDispose]());

const newcomer = () => `${unique('newcomer')}@example.org`;
const accountsOf = (email: string) =>
  idp.sql<{ id: string; name: string; email: string; email_verified: boolean }>(
    'select id, name, email, email_verified from account where email_normalized = ?',
    [email.toLowerCase()],
  );
const join = (link: string, name = 'Nora', browser = idp.browser()) => fillIn(browser, link, { name, password });

test('from a sign-in over the letter to an account with a confirmed address, and back into the sign-in', async () => {
  const email = newcomer().replace('newcomer', 'Newcomer');
  const browser = idp.browser();
  const signIn = await browser.authorize(authorizationRequest(client));
  const from = signIn.url.pathname.split('/').at(-1) ?? '';

  const sent = await fillIn(browser, `/register?from=${from}`, { email });
  expect(sent.url.pathname).toBe('/register/sent');
  expect(sent.text).toContain(`<strong>${email}</strong>`);
  const link = await idp.linkTo(email);
  const done = await join(link, 'Nora Newcomer', browser);

  expect(done.text).toContain(`href="/sign-in/${from}"`);
  const [account] = await accountsOf(email);
  expect(account).toMatchObject({ name: 'Nora Newcomer', email, email_verified: true });
  expect(await idp.sql('select action, actor from audit_event where account_id = ?', [account?.id])).toEqual([
    { action: 'account.registered', actor: account?.id },
  ]);
  const back = await browser.go(`/sign-in/${from}`);
  expect(back.text).toContain(`value="${email}"`); // just confirmed here
  const inside = await browser.post(back.url.href, { csrf: hiddenField(back.text, 'csrf'), email, password });
  expect(inside.url.searchParams.get('code')).toBeTruthy();
});

test('in another browser the link works as well, leads home, and works once, however often its page was looked at', async () => {
  const email = newcomer();
  await fillIn(idp.browser(), '/register', { email });
  const link = await idp.linkTo(email);
  const other = idp.browser();
  await other.go(link);
  const late = idp.browser();
  const opened = await late.go(link);

  const done = await join(link, 'Nora', other);
  const fields = { csrf: hiddenField(opened.text, 'csrf'), token: hiddenField(opened.text, 'token') };
  const again = await late.post('/register/confirm', { ...fields, name: 'Mallory', password });

  expect(done.response.status).toBe(200);
  expect(done.text).toContain('href="/account"');
  expect([again.response.status, (await other.go(link)).response.status]).toEqual([410, 410]);
  expect(again.text).toContain('href="/register?');
  expect(await accountsOf(email)).toMatchObject([{ name: 'Nora' }]);
});

test('R-44: an address that was locked before it had an account opens to who joins with it, at once and at another browser', async () => {
  const email = newcomer();
  await besiege(idp, email);
  await fillIn(idp.browser(), '/register', { email });
  const own = idp.browser();
  await join(await idp.linkTo(email), 'Nora', own);
  const enter = async (browser: Browser) =>
    (await browser.signIn(authorizationRequest(client), email, password)).url.searchParams.has('code');

  expect(await enter(idp.browser())).toBe(true);
  await besiege(idp, email);
  expect([await enter(idp.browser()), await enter(own)]).toEqual([false, true]);
});

test('A-30: of several links for one address, used at the same moment, one makes the account', async () => {
  const email = newcomer();
  const links: string[] = [];
  for (const typed of [email, email.replace('newcomer', 'NEWCOMER'), email.replace('example', 'ｅｘａｍｐｌｅ')]) {
    await fillIn(idp.browser(), '/register', { email: typed });
    links.push(await idp.linkTo(typed.normalize('NFKC')));
  }

  const answers = await Promise.all([...links, ...links].map((link) => join(link)));

  expect(answers.filter(({ response }) => response.status === 200)).toHaveLength(1);
  expect(await accountsOf(email)).toHaveLength(1);
  for (const link of links) expect((await idp.browser().go(link)).response.status).toBe(410); // it used up all of them
});

test('a password that is too weak leaves the link as it was, and what was typed on the page', async () => {
  const email = newcomer();
  await fillIn(idp.browser(), '/register', { email });
  const link = await idp.linkTo(email);
  const browser = idp.browser();

  const short = await fillIn(browser, link, { name: 'Nora "N"', password: 'too short' });
  const own = await fillIn(browser, link, { name: 'Nora', password: `${email}${email}` });
  const nameless = await fillIn(browser, link, { name: ' ', password });
  const unseen = await fillIn(browser, link, { name: '\u202e', password });

  expect([short, own, nameless, unseen].map(({ response }) => response.status)).toEqual([422, 422, 422, 422]);
  expect(short.text).toMatch(/aria-invalid="true"[^>]*aria-describedby="[^"]*password-error/);
  expect(short.text).toContain('value="Nora &quot;N&quot;"');
  expect(short.text).not.toContain('too short"');
  expect((await join(link)).response.status).toBe(200);
});

test('an address that has an account: the letter goes to the account, brings no link to a new one, and the page tells nothing', async () => {
  const { email } = await idp.person();
  const typed = email.replace('person', 'ｐErson');

  const sent = await fillIn(idp.browser(), '/register', { email: typed });

  expect(sent.url.pathname).toBe('/register/sent');
  const letter = await idp.inbox.letterTo(email);
  expect(letter.text).not.toContain('token=');
  expect(linkIn(letter.text)).toBe(`${idp.issuer}/reset-password?ui_locales=en`);
  expect(await idp.sql('select 1 from single_use_token where email = ?', [email])).toEqual([]);
});

test.each([
  ['twice', 'email=a@example.org&email=b@example.org', 'application/x-www-form-urlencoded'],
  ['as a list', 'email[]=a@example.org&email[]=b@example.org', 'application/x-www-form-urlencoded'],
  ['as an object', 'email[to]=a@example.org', 'application/x-www-form-urlencoded'],
  ['in one string', 'email=a@example.org,b@example.org', 'application/x-www-form-urlencoded'],
  ['with a header of its own', 'email=a@example.org%0d%0abcc:b@example.org', 'application/x-www-form-urlencoded'],
  ['in JSON', '{"email":["a@example.org","b@example.org"]}', 'application/json'],
])('R-49: an address given %s is refused, and no letter is asked for', async (_, body, type) => {
  const jobs = () => idp.sql(`select count(*) from pgboss.job where name = 'mail'`);
  const before = await jobs();
  for (const path of ['/register', '/reset-password']) {
    const browser = idp.browser();
    const csrf = hiddenField((await browser.go(path)).text, 'csrf');
    const refused = await browser.go(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: type.includes('json') ? JSON.stringify({ ...JSON.parse(body), csrf }) : `${body}&csrf=${csrf}`,
    });
    expect(refused.response.status).toBeGreaterThanOrEqual(400);
    expect(refused.response.status).toBeLessThan(500);
  }
  expect(await jobs()).toEqual(before);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '../../evil',
  'abc',
  'https://evil.example',
  'aaaaaaaaaaaa"><script>',
  '%0d%0aaaaaaaaaaa',
])('A-05: ?from=%s is no sign-in to go back to', async (from) => {
  const browser = idp.browser();
  expect((await browser.go(`/register?from=${encodeURIComponent(from)}`)).text).not.toContain('name="from"');
  const csrf = hiddenField((await browser.go('/register')).text, 'csrf');
  await browser.post('/register', { csrf, from, email: newcomer() });
  const done = await browser.go('/register/done');
  expect(done.text).toContain('<a class="button block" href="/account">');
});

test('R-10: whatever the request calls us, links begin with the issuer', async () => {
  const bare = await idp.node({ bare: true, smtpUrl: '' });
  const [joiner, { email: member }] = [newcomer(), await idp.person()];
  const poison = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example;proto=https',
  };
  for (const [path, email] of [
    ['/register', joiner],
    ['/reset-password', member],
  ] as const) {
    const browser = idp.browser(bare);
    const csrf = hiddenField((await browser.go(path)).text, 'csrf');
    const headers = { ...poison, 'x-forwarded-for': '192.0.2.44' };
    await browser.post(path, { csrf, email }, { headers });
    const { text, html } = await idp.inbox.letterTo(email);
    expect(text + html).not.toContain('evil');
    for (const [link] of text.matchAll(/https?:\/\/\S+/g)) expect(link).toMatch(new RegExp(`^${idp.issuer}/`));
  }
});

test('A-27: a part of a link, a changed one, one for something else: none works', async () => {
  const [email, { email: member }] = [newcomer(), await idp.person()];
  await fillIn(idp.browser(), '/register', { email });
  await fillIn(idp.browser(), '/reset-password', { email: member });
  const tokens = [await idp.linkTo(email), await idp.linkTo(member)].map((link) =>
    new URL(link).searchParams.get('token'),
  );
  const [joining, reset] = tokens as [string, string];
  const wrong = [
    ...mutilated(joining).map((token) => `/register/confirm?token=${token}`),
    `/register/confirm?token=${reset}`,
    ...['/reset-password/new', '/confirm-email', '/confirm-email/undo'].map((path) => `${path}?token=${joining}`),
    `/register/confirm?token=${joining}&token=${joining}`,
    '/register/confirm',
  ];

  const browser = idp.browser();
  const answers = await Promise.all(wrong.map(async (path) => (await browser.go(path)).response.status));

  expect(new Set(answers)).toEqual(new Set([410]));
  expect((await browser.go(`/register/confirm?token=${joining}`)).response.status).toBe(200);
});

test('A-26: a letter can be asked for again after a minute, and three an hour, without the page telling', async () => {
  const email = newcomer();
  const browser = idp.browser();
  const again = () => fillIn(browser, '/register/sent', {}, '198.51.100.7');
  const sent = await fillIn(browser, '/register', { email }, '198.51.100.7');
  expect(sent.text).toMatch(/data-resend-after="(59|60)"/);
  const early = await again();
  expect(early.text).toMatch(/data-resend-after="\d\d"/);
  expect(await idp.sql(`select 1 from pgboss.job where name = 'mail' and data ->> 'email' = ?`, [email])).toHaveLength(
    1,
  );

  for (let i = 0; i < 5; i += 1) await fillIn(idp.browser(), '/register', { email: email.toUpperCase() });
  const enough = async () => (await idp.inbox.all()).filter(({ headers }) => headers['to']?.toLowerCase() === email);
  await expect.poll(enough, { timeout: 10_000 }).toHaveLength(3);
  const jobs = await idp.sql(`select 1 from pgboss.job where name = 'mail' and lower(data ->> 'email') = ?`, [email]);
  expect(jobs).toHaveLength(3);
});

test('the letter is in the language of the page, and so is the account; an account there is is written to in its own', async () => {
  const { email: member, id } = await idp.person();
  await idp.sql(`update account set locale = 'es' where id = ?`, [id]);
  const email = newcomer();
  const browser = idp.browser();
  browser.headers['accept-language'] = 'de';

  await fillIn(browser, '/register', { email });
  const letter = await idp.inbox.letterTo(email);
  await join(linkIn(letter.text), 'Nora', browser);
  await fillIn(browser, '/register', { email: member });

  expect(letter.subject).toBe('Bestätigen Sie Ihre E-Mail-Adresse');
  expect(await idp.sql('select locale from account where email_normalized = ?', [email])).toEqual([{ locale: 'de' }]);
  expect((await idp.inbox.letterTo(member)).html).toContain('lang="es"');
});

test('the link lives for an hour, and a name that is no line of text makes no account', async () => {
  const email = newcomer();
  await fillIn(idp.browser(), '/register', { email });
  const link = await idp.linkTo(email);
  expect(
    await idp.sql(
      'select extract(epoch from expires_at - created_at)::int as seconds from single_use_token where email = ?',
      [email],
    ),
  ).toEqual([{ seconds: 3600 }]);

  expect((await join(link, 'Nora\r\nBcc: everybody')).response.status).toBe(422);
  await idp.sql('update single_use_token set expires_at = now() where email = ?', [email]);
  expect((await idp.browser().go(link)).response.status).toBe(410);
  expect(await accountsOf(email)).toEqual([]);
});
