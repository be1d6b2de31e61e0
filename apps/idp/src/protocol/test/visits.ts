import { expect } from 'vitest';
import {
  authorizationRequest,
  type Browser,
  claimsOf,
  hiddenField,
  type Page,
  type Person,
  type SignedIn,
  type TestIdp,
} from '#harness.ts';
import { send, sendPassword } from '#sign-in/test/member.ts';

/** What people do who share a browser. */
export function createVisits(idp: TestIdp, { shop, forum }: { shop: string; forum: string }) {
  return {
    two,
    another,
    ask,
    pick,
    everywhere,
    subject,
    silently,
    browserWith,
    refreshed,
    uidsOf,
    expiryOf,
    entriesOf,
  };

  /** Ada at the shop, then Ben at the forum, in one browser. */
  async function two(): Promise<{ browser: Browser; ada: SignedIn; ben: SignedIn }> {
    const browser = idp.browser();
    const ada = await idp.tokens(shop, {}, { browser });
    return { browser, ada, ben: await another(browser, await idp.person()) };
  }

  /** Signs in at the forum, by the chooser and the password. */
  async function another(browser: Browser, account: Person): Promise<SignedIn> {
    const chooser = await ask(browser, { prompt: 'select_account' });
    await sendPassword(browser, await send(browser, chooser, '/account', { account: 'another' }), account);
    return idp.tokens(forum, {}, { browser, account });
  }

  function ask(browser: Browser, over: Record<string, string> = {}): Promise<Page> {
    return browser.authorize(authorizationRequest(shop, over));
  }

  async function pick(browser: Browser, { id }: Person, over: Record<string, string> = {}): Promise<Page> {
    return send(browser, await ask(browser, { prompt: 'select_account', ...over }), '/account', { account: id });
  }

  async function everywhere(browser: Browser, question: Page): Promise<void> {
    const form = { xsrf: hiddenField(question.text, 'xsrf'), logout: 'yes' };
    expect((await browser.post('/session/end/confirm', form)).response.status).toBe(200);
  }

  /** Whom an application gets that asks for nobody in particular. */
  async function subject(browser: Browser): Promise<unknown> {
    return claimsOf((await idp.tokens(shop, { prompt: 'none' }, { browser })).id_token)['sub'];
  }

  async function silently(browser: Browser, over: Record<string, string> = {}): Promise<string> {
    const { url } = await ask(browser, { prompt: 'none', ...over });
    return url.searchParams.has('code') ? 'a code' : (url.searchParams.get('error') ?? 'nothing');
  }

  /** One that holds these cookies. */
  function browserWith(jar: Browser['cookies']): Browser {
    const browser = idp.browser();
    for (const [name, cookie] of jar) browser.cookies.set(name, cookie);
    return browser;
  }

  async function refreshed({ request, refresh_token }: SignedIn): Promise<number> {
    return (await idp.token(request.clientId, { grant_type: 'refresh_token', refresh_token })).status;
  }

  async function uidsOf({ id }: Person): Promise<string[]> {
    return (await idp.sql<{ uid: string }>('select uid from sso_session where account_id = ?', [id])).map(
      ({ uid }) => uid,
    );
  }

  async function expiryOf({ id }: Person): Promise<Date[]> {
    const rows = await idp.sql<{ at: string }>('select expires_at as at from sso_session where account_id = ?', [id]);
    return rows.map(({ at }) => new Date(at));
  }

  function entriesOf(uid: string) {
    return idp.sql(`select cause from revocation where target ->> 'sid' = ?`, [uid]);
  }
}

/** The session that its tokens name. */
export function uidOf({ access_token }: SignedIn): string {
  return String(claimsOf(access_token)['sid']).split('.')[0] ?? '';
}
