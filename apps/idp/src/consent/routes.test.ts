import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorizationRequest,
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
import { answer, type Asking, createAsking, isConsentPage, some, theirs } from './test/asking.ts';

let idp: TestIdp;
let asking: Asking;
let applications: ReturnType<typeof createApplications>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  asking = createAsking(idp);
  applications = createApplications(disposables.use(openLedgerOf(idp)));
});
afterAll(() => disposables.disposeAsync());

test('somebody else’s application is asked about once, and a later sign-in finds the answer', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
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

test('what the applications of a deployment share is asked for in plain words, whatever it is called there', async () => {
  const shared = 'https://api.acme.example';
  const clientId = await idp.declare({ ...theirs, resources: [shared] });
  const acme = idp.browser(await idp.node({ settings: { FAMILY_RESOURCE: shared } }));
  const ask = { scope: 'openid', resource: shared };

  const { browser, page } = await asking.askedFor(clientId, ask, { browser: acme });
  expect(page.text).toContain('Use our applications in your name');
  expect(page.text).not.toContain(shared);
  await answer(browser, page);
  expect((await browser.go('/account/applications')).text).toContain('What you have in our applications');
});

test('an application of ours asks nobody, even when it asks to', async () => {
  const clientId = await idp.declare();
  const { browser, account } = await idp.tokens(clientId);
  expect(isBack(await browser.authorize(authorizationRequest(clientId, { prompt: 'consent' })))).toBe(true);
  expect(await rows(account)).toEqual([]);
});

test('no: access_denied, with state and issuer, and nothing is remembered', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
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
  const { browser, page } = await asking.askedFor(clientId);
  const silent = authorizationRequest(clientId, { ...some, prompt: 'none' });
  expect((await browser.authorize(silent)).url.searchParams.get('error')).toBe('consent_required');
  await answer(browser, page);
  expect((await browser.authorize(silent)).url.searchParams.get('code')).toBeTruthy();
  const more = authorizationRequest(clientId, { scope: 'openid profile email', resource: '', prompt: 'none' });
  expect((await browser.authorize(more)).url.searchParams.get('error')).toBe('consent_required');
});

test('A-28: more than before is asked for, and only that is asked', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
  await answer(browser, page);
  const more = authorizationRequest(clientId, { scope: 'openid profile email family' });
  const again = { ...(await browser.authorize(more)), request: more };
  const [fresh, already] = again.text.split('It may already');
  expect(fresh).toContain(`See your email address <span class="muted">${person.email}</span>`);
  expect(fresh).toContain('Use our applications in your name');
  expect(fresh).not.toContain('See your profile');
  expect(already).toContain('See your profile');

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
  const { browser, page } = await asking.askedFor(clientId);
  await answer(browser, page);
  const request = authorizationRequest(clientId, { ...some, prompt: 'consent' });
  const again = { ...(await browser.authorize(request)), request };
  expect(isConsentPage(again)).toBe(true);
  expect(isBack(await answer(browser, again))).toBe(true);
});

test('withdrawn: what it has is dead at once, and the next sign-in asks', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId, {});
  const { body } = await idp.token(clientId, exchange(page.request, (await answer(browser, page)).url));
  expect(await applications.list(person.id)).toEqual([
    expect.objectContaining({ clientId, firstParty: false, resources: ['urn:portcullis:family'], sessions: 1 }),
  ]);

  await applications.withdraw(idp.orm.em.fork(), { accountId: person.id, clientId, actor: person.id });

  expect(await asking.active(clientId, body['access_token'])).toBe(false);
  expect((await asking.refresh(clientId, body['refresh_token'])).body['error']).toBe('invalid_grant');
  expect(await applications.list(person.id)).toEqual([]);
  expect(isConsentPage(await browser.authorize(page.request))).toBe(true);
});

test('one that is only remembered can be withdrawn too', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
  await answer(browser, page);
  await idp.sql('delete from sso_session where account_id = ?', [person.id]);
  await idp.sql('delete from oidc_grant where account_id = ?', [person.id]);
  expect((await applications.list(person.id)).map(({ sessions }) => sessions)).toEqual([0]);
  const act = { accountId: person.id, clientId, actor: null };
  expect((await applications.withdraw(idp.orm.em.fork(), act)).ok).toBe(true);
  expect((await applications.withdraw(idp.orm.em.fork(), act)).ok).toBe(false);
});

test('what one person allowed counts for nobody else in the same browser', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
  await answer(browser, page);
  await idp.sql('delete from sso_session where account_id = ?', [person.id]); // signed out elsewhere
  const other = await asking.askedFor(clientId, some, { browser });
  expect(other.person.id).not.toBe(person.id);
  expect(await rows(other.person)).toEqual([]);
  await answer(browser, other.page, 'deny');
  expect(await rows(person)).toHaveLength(1);
});

test.each([
  ['public', { type: 'public' as const, secrets: [] }],
  ['native', { applicationType: 'native' as const, redirectUris: ['http://127.0.0.1/callback'] }],
])(
  'R-25, lesson 50: nothing proves that a %s client is who it says, so people are asked every time',
  async (_, over) => {
    const clientId = await idp.declare({ ...theirs, ...over });
    const redirect = 'redirectUris' in over ? String(over.redirectUris[0]) : callback;
    const wanted = { ...some, redirect_uri: redirect };
    const { browser, person, page } = await asking.askedFor(clientId, wanted);
    expect((await answer(browser, page)).url.href).toContain(`${redirect}?code=`);
    expect(await rows(person)).toHaveLength(1);

    const request = authorizationRequest(clientId, wanted); // as by whoever takes the client's id
    expect(isConsentPage(await browser.authorize(request))).toBe(true);
    const silent = await browser.authorize(authorizationRequest(clientId, { ...wanted, prompt: 'none' }));
    expect(silent.url.searchParams.get('error')).toBe('consent_required');
  },
);

test('A-03: an answer without the token of its page, from another browser, or by GET allows nothing', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, person, page } = await asking.askedFor(clientId);
  const path = page.url.pathname;
  const csrf = hiddenField(page.text, 'csrf');
  const stranger = idp.browser();
  const victim = await asking.askedFor(clientId);

  for (const form of [path, `${path}/other-account`])
    expect((await browser.post(form, { answer: 'allow' })).response.status).toBe(403);
  expect((await browser.post(path, { csrf: `${csrf}x`, answer: 'allow' })).response.status).toBe(403);
  const foreign = { origin: 'https://elsewhere.example' };
  expect((await browser.post(path, { csrf, answer: 'allow' }, { headers: foreign })).response.status).toBe(403);
  expect((await stranger.post(path, { csrf, answer: 'allow' })).response.status).toBe(403);
  const own = hiddenField(victim.page.text, 'csrf');
  expect((await victim.browser.post(path, { csrf: own, answer: 'allow' })).response.status).toBe(410);
  expect(isConsentPage(await browser.go(`${path}?answer=allow&csrf=${csrf}`))).toBe(true);
  expect((await browser.post(path, { csrf, answer: 'perhaps' })).response.status).toBe(400);
  expect([...(await rows(person)), ...(await rows(victim.person))]).toEqual([]);
});

test('the page is in the application’s colour, with its logo, and in the language it asks for', async () => {
  const logoUri = 'https://logos.example/cafe.png';
  const clientId = await idp.declare({ ...theirs, name: 'Café', logoUri, branding: { hue: 120 } });
  const { page } = await asking.askedFor(clientId, { ...some, ui_locales: 'fr de-AT' });
  expect(page.text).toMatch(/<html lang="de" class="[^"]*\bhue-120\b/);
  expect(page.text).toContain('Café bittet um Zugriff');
  expect(page.text).toContain(`src="${logoUri}"`);
  expect(page.response.headers.get('content-security-policy')).toContain('img-src https://logos.example ');
});

test('A-28: the domain that is led to is written so that it cannot look like another', async () => {
  const redirectUri = 'https://b\u00FCcher.example/callback';
  const clientId = await idp.declare({ ...theirs, redirectUris: [redirectUri] });
  const { page } = await asking.askedFor(clientId, { ...some, redirect_uri: redirectUri });
  expect(page.text).toContain('<strong>xn--bcher-kva.example</strong>');
});

test('login_hint is what the sign-in page begins with', async () => {
  const clientId = await idp.declare(theirs);
  const { text } = await idp.browser().authorize(authorizationRequest(clientId, { login_hint: 'ada@"example.org' }));
  expect(text).toContain('value="ada@&quot;example.org"');
});

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
