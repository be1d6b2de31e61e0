import { createMirror, redisSource } from '@portcullis/revocation';
import { eventually, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, claimsOf, exchange, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createApplications } from './applications.ts';

let idp: TestIdp;
let applications: ReturnType<typeof createApplications>;
let mirror: ReturnType<typeof createMirror>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  applications = createApplications(disposables.use(openLedgerOf(idp)));
  const source = redisSource({ url: idp.redis.url });
  mirror = disposables.use(createMirror({ source, app: 'test', instance: unique('mirror') }));
  await mirror.ready();
});
afterAll(() => disposables.disposeAsync());

const refuses = (claims: Record<string, unknown>): boolean => mirror.check(claims).state === 'revoked';

test('the applications of an account, with what they may ask for, since when, and from how many sessions', async () => {
  const [shop, forum] = [await idp.declare({ name: 'A shop' }), await idp.declare({ name: 'B forum' })];
  const { account, browser } = await idp.tokens(shop);
  await idp.tokens(shop, {}, { account });
  await idp.tokens(forum, {}, { account, browser });
  await idp.tokens(forum); // somebody else

  const scopes = ['email', 'family', 'openid', 'profile'];
  const ours = {
    domain: 'app.example',
    logoUrl: null,
    firstParty: true,
    scopes,
    resources: ['urn:portcullis:family'],
    firstUsedAt: expect.any(Date),
    lastUsedAt: expect.any(Date),
  };
  expect(await applications.list(account.id)).toEqual([
    { clientId: shop, name: 'A shop', ...ours, sessions: 2 },
    { clientId: forum, name: 'B forum', ...ours, sessions: 1 },
  ]);
});

test('an application was last used when it was entered or refreshed its tokens, whichever came later', async () => {
  const shop = await idp.declare();
  const { account, refresh_token: token } = await idp.tokens(shop);
  await idp.sql(`update oidc_grant set created_at = now() - interval '90 days' where account_id = ?`, [account.id]);
  await idp.sql(`update audit_event set at = now() - interval '80 days' where account_id = ?`, [account.id]);
  const daysAgo = async () => {
    const [used] = await applications.list(account.id);
    return Math.round((Date.now() - Number(used?.lastUsedAt)) / (24 * 3600 * 1000));
  };

  expect(await daysAgo()).toBe(80);
  expect((await idp.token(shop, { grant_type: 'refresh_token', refresh_token: token })).status).toBe(200);
  expect(await daysAgo()).toBe(0);
});

test('access taken back from one application: its tokens, codes and refresh tokens are dead, the others stay', async () => {
  const [shop, forum] = [await idp.declare(), await idp.declare()];
  const { account, browser, ...atShop } = await idp.tokens(shop);
  const atForum = await idp.tokens(forum, {}, { account, browser });
  const half = authorizationRequest(shop);
  const { url: withCode } = await browser.authorize(half);

  const act = { accountId: account.id, clientId: shop, actor: account.id };
  expect(await applications.withdraw(idp.orm.em.fork(), act)).toEqual({ ok: true, delivery: 'published' });

  await eventually(() => refuses(claimsOf(atShop.access_token)));
  expect(refuses(claimsOf(atForum.access_token))).toBe(false);
  const refresh = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token });
  expect((await idp.token(shop, refresh(atShop.refresh_token))).body['error']).toBe('invalid_grant');
  expect((await idp.token(shop, exchange(half, withCode))).body['error']).toBe('invalid_grant');
  expect((await idp.token(forum, refresh(atForum.refresh_token))).status).toBe(200);
  expect((await applications.list(account.id)).map(({ clientId }) => clientId)).toEqual([forum]);
  expect(await applications.withdraw(idp.orm.em.fork(), act)).toEqual({ ok: false, reason: 'not_found' });
  const events = await idp.sql('select actor, account_id, client_id from audit_event where action = ?', [
    'consent.withdrawn',
  ]);
  expect(events).toEqual([{ actor: account.id, account_id: account.id, client_id: shop }]);
});

test('whoever enters it again begins anew', async () => {
  const shop = await idp.declare();
  const { account, browser } = await idp.tokens(shop);
  await applications.withdraw(idp.orm.em.fork(), { accountId: account.id, clientId: shop, actor: null });

  // Two seconds: tokens of the very second of the act are dead, and the act is rounded up.
  const alive = async () => !refuses(claimsOf((await idp.tokens(shop, {}, { account, browser })).access_token));
  expect(await eventually(alive, { withinMs: 4000 })).toBe(true);
});
