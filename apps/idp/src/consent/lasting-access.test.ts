import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, claimsOf, exchange, hiddenField, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createSessions } from '#sessions/service.ts';
import { answer, type Asking, createAsking, theirs } from './test/asking.ts';

let idp: TestIdp;
let asking: Asking;
let accountSessions: ReturnType<typeof createSessions>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  asking = createAsking(idp);
  accountSessions = createSessions(disposables.use(openLedgerOf(idp)));
});
afterAll(() => disposables.disposeAsync());

test('offline_access: refresh tokens outlive the session they came of, until consent or password goes', async () => {
  const clientId = await idp.declare(theirs);
  const ask = { scope: 'openid offline_access family', prompt: 'consent' };
  const { browser, person, page } = await asking.askedFor(clientId, ask);
  expect(page.text).toContain('Keep its access while you are away');
  const { body } = await idp.token(clientId, exchange(page.request, (await answer(browser, page)).url));
  const bound = authorizationRequest(clientId, { scope: 'openid offline_access family' });
  const ordinary = (await idp.token(clientId, exchange(bound, (await browser.authorize(bound)).url))).body;
  const session = String(claimsOf(ordinary['access_token'])['sid']).split('.')[0] ?? '';

  await accountSessions.end(idp.orm.em.fork(), { uid: session, cause: 'sign_out', actor: person.id });

  expect(await asking.active(clientId, ordinary['access_token'])).toBe(false);
  expect((await asking.refresh(clientId, ordinary['refresh_token'])).body['error']).toBe('invalid_grant');
  expect(await asking.active(clientId, body['access_token'])).toBe(true);
  const renewed = await asking.refresh(clientId, body['refresh_token']);
  expect(renewed.status).toBe(200);
  expect(await asking.active(clientId, renewed.body['access_token'])).toBe(true);

  await accountSessions.endAll(idp.orm.em.fork(), {
    accountId: person.id,
    cause: 'password_changed',
    actor: person.id,
  });
  expect(await asking.active(clientId, renewed.body['access_token'])).toBe(false);
  expect((await asking.refresh(clientId, renewed.body['refresh_token'])).body['error']).toBe('invalid_grant');
});

test('R-11: a refresh token that outlived its session and is used twice takes its access tokens with it', async () => {
  const clientId = await idp.declare(theirs);
  const { browser, page } = await asking.askedFor(clientId, {
    scope: 'openid offline_access family',
    prompt: 'consent',
  });
  const { body } = await idp.token(clientId, exchange(page.request, (await answer(browser, page)).url));
  const renewed = await asking.refresh(clientId, body['refresh_token']);
  expect((await asking.refresh(clientId, body['refresh_token'])).body['error']).toBe('invalid_grant');
  expect(await asking.active(clientId, renewed.body['access_token'])).toBe(false);
  expect((await asking.refresh(clientId, renewed.body['refresh_token'])).body['error']).toBe('invalid_grant');
});

test('signing out of one application leaves what it may do while the person is away, and ends the rest', async () => {
  const clientId = await idp.declare({ ...theirs, postLogoutRedirectUris: ['https://app.example/bye'] });
  const ask = { scope: 'openid offline_access family', prompt: 'consent' };
  const { browser, page } = await asking.askedFor(clientId, ask);
  const { body } = await idp.token(clientId, exchange(page.request, (await answer(browser, page)).url));
  const bound = authorizationRequest(clientId, { scope: 'openid family' });
  const ordinary = (await idp.token(clientId, exchange(bound, (await browser.authorize(bound)).url))).body;

  const question = await browser.go(`/session/end?id_token_hint=${body['id_token']}`);
  await browser.post('/session/end/confirm', { xsrf: hiddenField(question.text, 'xsrf') });

  expect(await asking.active(clientId, ordinary['access_token'])).toBe(false);
  expect((await asking.refresh(clientId, ordinary['refresh_token'])).body['error']).toBe('invalid_grant');
  expect((await asking.refresh(clientId, body['refresh_token'])).status).toBe(200);
});

test.each([
  ['its session', 'delete from sso_session where account_id = ?'],
  ['the consent', 'delete from consent where account_id = ?'],
])('a request that was under way when %s ended yields no tokens', async (_, ending) => {
  const [clientId, elsewhere] = [await idp.declare(theirs), await idp.declare(theirs)];
  const { browser, person, page } = await asking.askedFor(clientId, { scope: 'openid family' });
  await answer(browser, page);
  await idp.sql('update consent set client_id = ? where account_id = ?', [elsewhere, person.id]);
  const request = authorizationRequest(elsewhere, { scope: 'openid family' });

  const back = await idp.orm.em.fork().transactional(async (em) => {
    await em.execute('lock table oidc_grant in share mode'); // the request gets as far as storing what it was granted
    const underWay = browser.authorize(request);
    await eventually(storing);
    await em.execute(ending, [person.id]);
    return { underWay };
  });

  const { status, body } = await idp.token(elsewhere, exchange(request, (await back.underWay).url));
  expect([status, body['error']]).toEqual([400, 'invalid_grant']);
  expect(await idp.sql('select 1 from oidc_grant where client_id = ?', [elsewhere])).toEqual([]);
});

/** Whether a request waits to store a grant. */
async function storing(): Promise<boolean> {
  const waiting = await idp.sql(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into oidc_grant%'`,
  );
  return waiting.length > 0;
}
