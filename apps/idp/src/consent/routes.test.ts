import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorizationRequest,
  type AuthorizationRequest,
  type Browser,
  callback,
  claimsOf,
  exchange,
  hiddenField,
  type Page,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createApplications } from '#sessions/applications.ts';

let idp: TestIdp;
let applications: ReturnType<typeof createApplications>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  applications = createApplications(disposables.use(openLedgerOf(idp)));
});
afterAll(() => disposables.disposeAsync());

const theirs = { firstParty: false, scope: 'openid profile email offline_access family' };
/** What most requests here ask for. */
const some = { scope: 'openid profile', resource: '' };

test('somebody else’s application is asked about once, and a later sign-in finds the answer', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await askedFor(clientId);
  expect(page.response.headers.get('cache-control')).toBe('no-store');
  const { status, body } = await idp.token(clientId, exchange(page.request, (await answer(browser, page)).url));
  expect(status).toBe(200);
  expect(await rows(person)).toEqual([{ client_id: clientId, scopes: ['openid', 'profile'], resources: [] }]);
  expect(await events(person, clientId)).toContainEqual({
    action: 'consent.given',
    actor: person.id,
    detail: { scopes: ['openid', 'profile'], resources: [] },
  });

  expect(isBack(await browser.authorize(authorizationRequest(clientId, some)))).toBe(true);
  const elsewhere = await idp.browser().signIn(authorizationRequest(clientId, some), person.email);
  expect(isBack(elsewhere)).toBe(true);
  expect(claimsOf(body['id_token'])['sub']).toBe(person.id);
});

test('an application of ours asks nobody, even when it asks to', async () => {
  const clientId = await idp.declare();
  const { browser, account } = await idp.tokens(clientId);
  expect(isBack(await browser.authorize(authorizationRequest(clientId, { prompt: 'consent' })))).toBe(true);
  expect(await rows(account)).toEqual([]);
});

test('no: access_denied, with state and issuer, and nothing is remembered', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await askedFor(clientId);
  const { url } = await answer(browser, page, 'deny');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    error: 'access_denied',
    state: page.request.params['state'],
    iss: idp.issuer,
  });
  expect(await rows(person)).toEqual([]);
  expect(isConsentPage(await browser.authorize(page.request))).toBe(true);
});

test('prompt=none: consent_required until it has been given', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, page } = await askedFor(clientId);
  const silent = authorizationRequest(clientId, { ...some, prompt: 'none' });
  expect((await browser.authorize(silent)).url.searchParams.get('error')).toBe('consent_required');
  await answer(browser, page);
  expect((await browser.authorize(silent)).url.searchParams.get('code')).toBeTruthy();
  const more = authorizationRequest(clientId, { scope: 'openid profile email', resource: '', prompt: 'none' });
  expect((await browser.authorize(more)).url.searchParams.get('error')).toBe('consent_required');
});

test('A-28: more than before is asked for, and only that is asked', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await askedFor(clientId);
  await answer(browser, page);
  const more = authorizationRequest(clientId, { scope: 'openid profile email family' });
  const again = { ...(await browser.authorize(more)), request: more };
  const [fresh, already] = again.text.split('It may already');
  expect(fresh).toContain(`See your email address <span class="muted">${person.email}</span>`);
  expect(fresh).toContain('Use our applications in your name');
  expect(fresh).not.toContain('See your name');
  expect(already).toContain('See your name');

  const { status, body } = await idp.token(clientId, exchange(more, (await answer(browser, again)).url));
  expect(status).toBe(200);
  expect(claimsOf(body['access_token'])['aud']).toBe('urn:portcullis:family');
  const [row] = await rows(person);
  expect(row).toEqual({
    client_id: clientId,
    scopes: expect.arrayContaining(['openid', 'profile', 'email']),
    resources: ['urn:portcullis:family'],
  });
});

test('prompt=consent asks whatever was allowed before', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, page } = await askedFor(clientId);
  await answer(browser, page);
  const request = authorizationRequest(clientId, { ...some, prompt: 'consent' });
  const again = { ...(await browser.authorize(request)), request };
  expect(isConsentPage(again)).toBe(true);
  expect(isBack(await answer(browser, again))).toBe(true);
});

type Asked = Page & { request: AuthorizationRequest };

/** Signed in, and asked. */
async function askedFor(
  clientId: string,
  over: Record<string, string> = some,
  { browser = idp.browser(), person }: { browser?: Browser; person?: Person } = {},
) {
  const who = person ?? (await idp.person());
  const request = authorizationRequest(clientId, over);
  const page = { ...(await browser.signIn(request, who.email)), request };
  expect(isConsentPage(page)).toBe(true);
  return { browser, person: who, page };
}

function answer(browser: Browser, page: Page, given = 'allow'): Promise<Page> {
  return browser.post(page.url.pathname, { csrf: hiddenField(page.text, 'csrf'), answer: given });
}

function isConsentPage({ url, response, text }: Page): boolean {
  return /^\/sign-in\/[\w-]+\/consent$/.test(url.pathname) && response.status === 200 && text.includes('value="allow"');
}

function isBack({ url }: Page): boolean {
  return url.href.startsWith(callback) && url.searchParams.has('code');
}

function rows({ id }: Person) {
  return idp.sql('select client_id, scopes, resources from consent where account_id = ?', [id]);
}

function events({ id }: Person, clientId: string) {
  const sql = 'select action, actor, detail from audit_event where account_id = ? and client_id = ? order by at';
  return idp.sql(sql, [id, clientId]);
}
