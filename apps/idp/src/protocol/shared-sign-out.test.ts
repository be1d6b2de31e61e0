import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, hiddenField, startIdp, type TestIdp } from '#harness.ts';
import { send, stepAt } from '#sign-in/test/member.ts';
import { createVisits, uidOf } from './test/visits.ts';

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

describe('R-33: signing out where several are signed in', () => {
  test('everywhere ends them all, each with an entry of its own, and says so before', async () => {
    const { browser, ada, ben } = await visits.two();
    const question = await browser.go('/session/end');
    for (const { account } of [ada, ben]) expect(question.text).toContain(`<li>${account.email}</li>`);
    const before = new Map(browser.cookies);
    await visits.everywhere(browser, question);

    for (const each of [ada, ben]) {
      expect(await visits.uidsOf(each.account)).toEqual([]);
      expect(await visits.refreshed(each)).toBe(400);
      expect(await visits.entriesOf(uidOf(each))).toEqual([{ cause: 'sign_out' }]);
    }
    expect(browser.cookies.has(parked)).toBe(false);
    expect((await visits.ask(visits.browserWith(before))).text).not.toContain(ada.account.email);
  });

  test('of one application leaves everybody', async () => {
    const { browser, ada, ben } = await visits.two();
    const question = await browser.go(`/session/end?client_id=${forum}`);
    await browser.post('/session/end/confirm', { xsrf: hiddenField(question.text, 'xsrf') });
    expect([await visits.refreshed(ada), await visits.refreshed(ben)]).toEqual([200, 400]);
    expect(await visits.subject(browser)).toBe(ben.account.id);
    await visits.pick(browser, ada.account);
    expect(await visits.subject(browser)).toBe(ada.account.id);
  });

  test('of one application, by whoever is not the current account, ends what that one has there', async () => {
    const { browser, ada, ben } = await visits.two();
    const benAtTheShop = await idp.tokens(shop, {}, ben);
    const question = await browser.go(`/session/end?id_token_hint=${ada.id_token}`);
    const form = { xsrf: hiddenField(question.text, 'xsrf'), sid: hiddenField(question.text, 'sid') };
    await browser.post('/session/end/confirm', form);
    expect([await visits.refreshed(ada), await visits.refreshed(benAtTheShop), await visits.refreshed(ben)]).toEqual([
      400, 200, 200,
    ]);
    expect(await visits.entriesOf(String(claimsOf(ada.id_token)['sid']))).toEqual([{ cause: 'sign_out' }]);
    expect(await visits.uidsOf(ada.account)).toHaveLength(1);
  });

  test('nobody signs anybody out of an application in another browser', async () => {
    const { ada } = await visits.two();
    const { browser } = await visits.two();
    const question = await browser.go(`/session/end?id_token_hint=${ada.id_token}`);
    const form = { xsrf: hiddenField(question.text, 'xsrf'), sid: String(claimsOf(ada.id_token)['sid']) };
    await browser.post('/session/end/confirm', form);
    expect(await visits.refreshed(ada)).toBe(200);
  });

  test('of the current account only: nobody takes its place by themselves', async () => {
    const { browser, ada, ben } = await visits.two();
    await idp.sql('delete from sso_session where account_id = ?', [ben.account.id]);
    expect(await visits.silently(browser)).toBe('login_required');
    const chooser = await visits.ask(browser);
    expect(stepAt(chooser)).toBe('/account');
    expect(chooser.text).not.toContain(ben.account.email);
    await send(browser, chooser, '/account', { account: ada.account.id });
    expect(await visits.subject(browser)).toBe(ada.account.id);
  });

  test('R-36: with nobody current the others are asked before they are signed out', async () => {
    const { browser, ada, ben } = await visits.two();
    await idp.sql('delete from sso_session where account_id = ?', [ben.account.id]);
    const question = await browser.go(`/session/end?client_id=${shop}`);
    expect(question.text).not.toContain('type="hidden" name="logout"');
    expect(question.text).toContain(ada.account.email);
    expect(await visits.uidsOf(ada.account)).toHaveLength(1);
    await visits.everywhere(browser, question);
    expect(await visits.uidsOf(ada.account)).toEqual([]);
  });
});
