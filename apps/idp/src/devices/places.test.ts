import { eventually, startInbox, type TestInbox } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startCallers } from '#admin-api/test/caller.ts';
import { type Browser, hiddenField, type Person, startIdp, type TestIdp } from '#harness.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const [britain, germany, usa] = ['81.2.69.142', '193.99.144.80', '8.8.8.8'];
let inbox: TestInbox;
let idp: TestIdp;
let client: string;
beforeAll(async () => {
  inbox = await startInbox();
  idp = await startIdp({ smtpUrl: inbox.smtpUrl, trustedHops: 1 });
  client = await idp.declare();
});
afterAll(async () => {
  await idp[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

/** From this network address, as the proxy in front tells it; nobody is signed in at the browser before. */
async function signInFrom(address: string, account: Person, browser: Browser = idp.browser()): Promise<Browser> {
  for (const name of browser.cookies.keys()) if (!name.startsWith('portcullis_device')) browser.cookies.delete(name);
  browser.headers['x-forwarded-for'] = address;
  await idp.tokens(client, {}, { account, browser });
  return browser;
}

/** Somebody who has signed in from Britain before. */
async function atHome(): Promise<{ account: Person; browser: Browser }> {
  const account = await idp.person();
  return { account, browser: await signInFrom(britain, account) };
}

async function lettersTo({ email, id }: Person): Promise<number> {
  const waiting = `select 1 from pgboss.job where name = 'mail' and data->>'accountId' = ? and state <> 'completed'`;
  await eventually(async () => (await idp.sql(waiting, [id])).length === 0);
  return (await inbox.all(email)).length;
}

async function countriesOf({ id }: Person): Promise<string[]> {
  const rows = await idp.sql<{ country: string }>(
    'select country from known_place where account_id = ? order by country',
    [id],
  );
  return rows.map(({ country }) => country);
}

test('a known browser in a country that is new to the account is told to the owner, once for each country', async () => {
  const { account, browser } = await atHome();
  expect(await lettersTo(account)).toBe(0);

  await signInFrom(germany, account, browser);
  const letter = await inbox.letterTo(account.email);
  expect(letter.subject).toBe('Sign-in to your account from a new place');
  expect(letter.text).toContain('from a country that it has not been used from before');
  expect(letter.text).not.toContain('with a browser');
  expect(letter.text).toContain('Place: Germany');
  expect(letter.text).toContain(`Network address: ${germany}`);

  for (const address of [germany, britain, '2001:638::1']) await signInFrom(address, account, browser);
  expect(await lettersTo(account)).toBe(1);
});

test('a loopback, private or reserved address is no new place', async () => {
  const { account, browser } = await atHome();
  for (const address of ['127.0.0.1', '10.1.2.3', '192.0.2.1']) await signInFrom(address, account, browser);
  expect(await lettersTo(account)).toBe(0);
  expect(await countriesOf(account)).toEqual(['GB']);
});

test('a new browser in a new country makes one letter, in the language of the account', async () => {
  const { account } = await atHome();
  await idp.sql(`update account set locale = 'de' where id = ?`, [account.id]);
  await signInFrom(usa, account);
  expect(await lettersTo(account)).toBe(1);
  const letter = await inbox.letterTo(account.email);
  expect(letter.subject).toBe('Neue Anmeldung bei Ihrem Konto von einem neuen Ort');
  expect(letter.text).toContain('mit einem Browser');
  expect(letter.text).toContain('aus einem Land');
  expect(letter.text).toContain('Ort: Vereinigte Staaten');
});

test('two known browsers that arrive in a new country at the same moment make one letter', async () => {
  const { account, browser } = await atHome();
  const other = await signInFrom(britain, account);
  expect(await lettersTo(account)).toBe(1);
  expect((await inbox.letterTo(account.email)).subject).toBe('New sign-in to your account'); // of the other browser
  await Promise.all([browser, other].map((each) => signInFrom(germany, account, each)));
  expect(await lettersTo(account)).toBe(2);
});

test('an account that has never been anywhere begins with the first place, without a letter', async () => {
  const account = await idp.person();
  const browser = await signInFrom('127.0.0.1', account);
  await signInFrom(germany, account, browser);
  expect(await lettersTo(account)).toBe(0);
  expect(await countriesOf(account)).toEqual(['DE']);
});

test('"this was not me" forgets the place, which is new again the next time', async () => {
  const { account, browser } = await atHome();
  await signInFrom(germany, account, browser);
  const link = /https?:\/\/\S+/.exec((await inbox.letterTo(account.email)).text)?.[0] ?? '';
  const owner = idp.browser();
  const page = await owner.go(link);
  const token = new URL(link).searchParams.get('token') ?? '';
  const done = await owner.post('/not-me', { csrf: hiddenField(page.text, 'csrf'), token });
  expect(done.url.pathname).toBe('/not-me/done');
  expect(await countriesOf(account)).toEqual(['GB']);
});

test('a person and an operator see the place of each session and sign-in, looked up when it is shown', async () => {
  const { account, browser } = await atHome();
  await browser.go('/account');
  const words = async (path: string, headers = {}) =>
    (await browser.go(path, { headers })).text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(await words('/account/sessions')).toContain(`United Kingdom ${britain}`);
  expect(await words('/account/activity')).toContain(`United Kingdom · ${britain}`);
  expect(await words('/account/sessions', { 'accept-language': 'es' })).toContain(`Reino Unido ${britain}`);

  const { call } = await (await startCallers(idp)).as('admin');
  const { body } = await call('GET', `/accounts/${account.id}/sessions`);
  expect(body['sessions']).toEqual([expect.objectContaining({ address: britain, place: 'United Kingdom' })]);
  const { body: history } = await call('GET', `/audit?accountId=${account.id}&action=account.signed_in`);
  expect(history['events']).toContainEqual(expect.objectContaining({ place: 'United Kingdom' }));
});
