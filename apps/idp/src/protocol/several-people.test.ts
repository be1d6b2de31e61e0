import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, callback, mutilated, type SignedIn, startIdp, type TestIdp } from '#harness.ts';
import { giveTotp, send, sendPassword, sendTotp, stepAt, totpCode } from '#sign-in/test/member.ts';
import { createVisits, uidOf } from './test/visits.ts';

const session = '__Host-portcullis_session';
const parked = '__Host-portcullis_parked';
let idp: TestIdp;
let shop: string;
let forum: string;
let visits: ReturnType<typeof createVisits>;
beforeAll(async () => {
  idp = await startIdp({ https: true });
  [shop, forum] = [await idp.declare(), await idp.declare()];
  visits = createVisits(idp, { shop, forum });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

describe('R-30: whoever signs in where somebody else is signed in', () => {
  test('gets a session of their own; the other one stays, under a handle that is no session’s', async () => {
    const browser = idp.browser();
    const ada = await idp.tokens(shop, {}, { browser });
    const before = new Map(browser.cookies);
    const ben = await visits.another(browser, await idp.person());

    expect(uidOf(ben)).not.toBe(uidOf(ada));
    expect(browser.cookies.get(session)?.value).not.toBe(before.get(session)?.value);
    expect(await visits.silently(visits.browserWith(before))).toBe('login_required');
    expect(await visits.refreshed(ada)).toBe(200);
    expect(await visits.entriesOf(uidOf(ada))).toEqual([]);
    expect(await visits.subject(browser)).toBe(ben.account.id);

    const handle = browser.cookies.get(parked)?.value ?? '';
    const forged = visits.browserWith(browser.cookies);
    forged.cookies.set(session, { value: handle, path: '/' });
    forged.cookies.set(`${session}.sig`, browser.cookies.get(`${parked}.sig`) ?? { value: '', path: '/' });
    expect(await visits.silently(forged)).toBe('login_required');
  });

  test('finds the session that they have there already, and proves anew who they are', async () => {
    const { browser, ada, ben } = await visits.two();
    const page = await visits.ask(browser, { prompt: 'login' });
    await sendPassword(browser, page, ada.account);
    expect(await visits.subject(browser)).toBe(ada.account.id);
    expect(await visits.uidsOf(ada.account)).toEqual([uidOf(ada)]);
    expect(stepAt(await visits.pick(browser, ben.account))).toBe(undefined);
  });

  test('a page that was begun as one of them is over when the browser has gone on as another', async () => {
    const { browser, ada } = await visits.two();
    const page = await visits.ask(browser, { prompt: 'login' });
    const ofThePage = [...browser.cookies].filter(([name]) => name.includes('interaction'));
    await visits.pick(browser, ada.account);
    for (const [name, cookie] of ofThePage) browser.cookies.set(name, cookie); // a browser keeps one for each path
    expect((await browser.go(page.url.href)).response.status).toBe(410);
    expect((await sendPassword(browser, page, ada.account)).response.status).toBe(410);
  });

  test('is the fifth beside four: the one left the longest ago is signed out, with an entry in the ledger', async () => {
    const browser = idp.browser();
    const first = await idp.tokens(shop, {}, { browser });
    const others = [];
    for (let i = 0; i < 5; i += 1) others.push(await visits.another(browser, await idp.person()));
    expect(await visits.uidsOf(first.account)).toEqual([]);
    expect(await visits.refreshed(first)).toBe(400);
    expect(await visits.entriesOf(uidOf(first))).toEqual([{ cause: 'session_ended' }]);
    for (const { account } of others) expect(await visits.uidsOf(account)).toHaveLength(1);
  });
});

describe('the account chooser, where several are signed in', () => {
  test('says who is, and changes between them without a password; each keeps the own session, under a new handle', async () => {
    const { browser, ada, ben } = await visits.two();
    const chooser = await visits.ask(browser, { prompt: 'select_account' });
    expect(chooser.text.match(/Signed in</g)).toHaveLength(2);

    const handles = new Set([browser.cookies.get(session)?.value]);
    for (const { account } of [ada, ben]) {
      expect((await visits.pick(browser, account)).url.searchParams.has('code')).toBe(true);
      expect(await visits.subject(browser)).toBe(account.id);
      handles.add(browser.cookies.get(session)?.value);
    }
    expect(handles.size).toBe(3);
    expect([await visits.uidsOf(ada.account), await visits.uidsOf(ben.account)]).toEqual([[uidOf(ada)], [uidOf(ben)]]);
    expect([await visits.refreshed(ada), await visits.refreshed(ben)]).toEqual([200, 200]);
    const events = await idp.sql('select actor, detail from audit_event where action = ? and account_id = ?', [
      'session.switched',
      ada.account.id,
    ]);
    expect(events).toEqual([{ actor: ada.account.id, detail: { session: uidOf(ada) } }]);
  });

  test.each([
    ['prompt=login', { prompt: 'select_account login' }],
    ['max_age', { prompt: 'select_account', max_age: '0' }],
  ])('R-38: %s asks for the password of the one who was chosen', async (_, over) => {
    const { browser, ada } = await visits.two();
    await idp.sql(
      `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 60)) where account_id = ?`,
      [ada.account.id],
    );
    const page = await visits.pick(browser, ada.account, over);
    expect(stepAt(page)).toBe('');
    expect(page.text).toContain(`value="${ada.account.email}"`);
    expect((await sendPassword(browser, page, ada.account)).url.searchParams.has('code')).toBe(true);
  });

  test('R-39: a level that the session has not reached asks for exactly the factor that is missing', async () => {
    const ada = await idp.tokens(shop);
    await giveTotp(idp, ada.account);
    await visits.another(ada.browser, await idp.person());
    const over = { prompt: 'select_account', acr_values: 'urn:portcullis:acr:mfa' };
    const page = await visits.pick(ada.browser, ada.account, over);
    expect(stepAt(page)).toBe('/second-factor');
    const done = await sendTotp(ada.browser, page, await totpCode(idp, ada.account));
    expect(done.url.searchParams.has('code')).toBe(true);
  });

  test('a sign-in that the application demanded of one is demanded of the other too, whoever asks for access', async () => {
    const { browser, ada, ben } = await visits.two();
    const theirs = await idp.declare({ firstParty: false });
    const page = await browser.authorize(authorizationRequest(theirs, { prompt: 'login' }));
    const consent = await sendPassword(browser, page, ben.account);
    expect(stepAt(consent)).toBe('/consent');
    const chooser = await send(browser, consent, '/consent/other-account');
    expect(stepAt(await send(browser, chooser, '/account', { account: ada.account.id }))).toBe('');
  });

  test.each([
    ['ended by its person', 'delete from sso_session where account_id = ?'],
    ['idle for too long', 'update sso_session set expires_at = now() where account_id = ?'],
    ['of an account that is switched off', 'update account set disabled_at = now() where id = ?'],
  ])('R-32, R-35: a session %s meanwhile is nobody’s', async (_, act) => {
    const { browser, ada, ben } = await visits.two();
    const chooser = await visits.ask(browser, { prompt: 'select_account' });
    await idp.sql(act, [ada.account.id]);
    const after = await send(browser, chooser, '/account', { account: ada.account.id });
    expect(stepAt(after)).toBe('');
    expect((await visits.ask(browser, { prompt: 'select_account' })).text).not.toContain(ada.account.email);
    expect(await visits.subject(browser)).toBe(ben.account.id);
  });

  test('R-32: no session lives longer for having been in the background', async () => {
    const browser = idp.browser();
    const ada = await idp.tokens(shop, {}, { browser });
    const [before] = await visits.expiryOf(ada.account);
    await visits.another(browser, await idp.person());
    expect(await visits.expiryOf(ada.account)).toEqual([before]);
    await idp.sql(
      `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb(?::bigint)) where account_id = ?`,
      [Math.floor(Date.now() / 1000) - 23.9 * 3600, ada.account.id],
    );
    await visits.pick(browser, ada.account);
    const [after] = await visits.expiryOf(ada.account);
    expect((after?.getTime() ?? 0) - Date.now()).toBeLessThan(0.11 * 3600 * 1000);
  });
});

describe('R-30, R-31, A-20: a session in the background', () => {
  test('is of use in its own browser only', async () => {
    const { ada } = await visits.two();
    const elsewhere = await idp.tokens(shop);
    const page = await visits.pick(elsewhere.browser, ada.account);
    expect(stepAt(page)).toBe('');
    expect(await visits.subject(elsewhere.browser)).toBe(elsewhere.account.id);
  });

  test('A-27: of no use under another’s signature, cut short or changed in one bit', async () => {
    const { browser, ada } = await visits.two();
    const other = (await visits.two()).browser.cookies.get(`${parked}.sig`);
    const [value, sig] = [parked, `${parked}.sig`].map((name) => browser.cookies.get(name)?.value ?? '') as [
      string,
      string,
    ];
    const mutilations = [
      ...mutilated(value).map((v) => [v, sig] as const),
      ...mutilated(sig).map((s) => [value, s] as const),
    ].filter((_each, i) => i % 5 === 0); // each costs a page
    const guesses = [...mutilations, [value, other?.value ?? ''] as const];
    expect(guesses.length).toBeGreaterThan(50);
    const shown = await Promise.all(
      guesses.map(async ([v, s]) => {
        const guessing = visits.browserWith(browser.cookies);
        guessing.cookies.set(parked, { value: v, path: '/' });
        guessing.cookies.set(`${parked}.sig`, { value: s, path: '/' });
        return (await visits.ask(guessing, { prompt: 'select_account' })).text.includes(ada.account.email);
      }),
    );
    expect(shown.filter(Boolean)).toEqual([]);
    expect((await visits.ask(browser, { prompt: 'select_account' })).text).toContain(ada.account.email);
  });

  test('is handed over by its handle only: choosing somebody else’s account asks for the password', async () => {
    const { browser } = await visits.two();
    const stranger = await idp.tokens(shop);
    expect(stepAt(await visits.pick(browser, stranger.account))).toBe('');
  });

  test.each([
    ['that ends with the browser is in a cookie that does', {}, parked, false],
    ['that is kept is in one that lasts as long as it may', { remember: 'yes' }, `${parked}_kept`, true],
  ])('R-32: one %s', async (_, more, name, lasts) => {
    const browser = idp.browser();
    await sendPassword(browser, await visits.ask(browser), await idp.person(), more);
    await visits.another(browser, await idp.person());
    const line = browser.received.findLast((each) => each.startsWith(`${name}=`)) ?? '';
    expect(line.toLowerCase()).toMatch(/; path=\/;.* samesite=lax; secure; httponly/);
    expect(/expires=/i.test(line)).toBe(lasts);
  });
});

describe('a request for an account that is signed in in the background', () => {
  test.each([
    ['login_hint', (ada: SignedIn) => ({ login_hint: ada.account.email.toUpperCase() })],
    ['id_token_hint', (ada: SignedIn) => ({ id_token_hint: ada.id_token })],
  ])('%s offers it first, and switches to nobody', async (_, hint) => {
    const { browser, ada, ben } = await visits.two();
    const chooser = await visits.ask(browser, hint(ada));
    expect(stepAt(chooser)).toBe('/account');
    expect(chooser.text).toMatch(new RegExp(`value="${ada.account.id}" autofocus`));
    expect(chooser.text.indexOf(ada.account.email)).toBeLessThan(chooser.text.indexOf(ben.account.email));
    expect((await send(browser, chooser, '/account', { account: ada.account.id })).url.href).toContain(callback);
    expect(await visits.subject(browser)).toBe(ada.account.id);
  });

  test('silently: it is as if it were not there', async () => {
    const { browser, ada } = await visits.two();
    expect(await visits.silently(browser, { id_token_hint: ada.id_token })).toBe('login_required');
    expect(await visits.silently(browser, { login_hint: ada.account.email })).toBe('a code');
  });

  test('a hint at anybody else leads to the sign-in page, where it is filled in', async () => {
    const { browser, ben } = await visits.two();
    await idp.sql('delete from sso_session where account_id = ?', [ben.account.id]);
    const page = await visits.ask(browser, { login_hint: 'new@example.org' });
    expect(stepAt(page)).toBe('');
    expect(page.text).toContain('value="new@example.org"');
  });
});

test('R-35: the account console shows each of them their own session as that of this device', async () => {
  const { browser, ada } = await visits.two();
  await visits.pick(browser, ada.account);
  const { text } = await browser.go('/account/sessions');
  expect(text.match(/<th scope="row">/g)).toHaveLength(1);
  expect(text).toContain('badge success');
});
