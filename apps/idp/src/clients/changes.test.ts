import { createMirror, redisSource } from '@portcullis/revocation';
import { eventually, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  aSecond,
  authorizationRequest,
  callback,
  claimsOf,
  clientSecret,
  exchange,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createClientChanges } from './changes.ts';
import { applyClients, ClientDeclaration } from './service.ts';

const grantTypes: ClientDeclaration['grantTypes'] = ['authorization_code', 'refresh_token', 'client_credentials'];

let idp: TestIdp;
let open: ReturnType<typeof openLedgerOf>;
let changes: ReturnType<typeof createClientChanges>;
let mirror: ReturnType<typeof createMirror>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  open = disposables.use(openLedgerOf(idp));
  changes = createClientChanges(open);
  const source = redisSource({ url: idp.redis.url });
  mirror = disposables.use(createMirror({ source, app: 'test', instance: unique('mirror') }));
  await mirror.ready();
});
afterAll(() => disposables.disposeAsync());

const refuses = (claims: Record<string, unknown>): boolean => mirror.check(claims).state === 'revoked';

test('an application is switched off: on every node nobody gets in by it, and what it has is dead', async () => {
  const clientId = await idp.declare({ grantTypes });
  const other = await idp.node();
  const { access_token, refresh_token, browser } = await idp.tokens(clientId);
  const half = authorizationRequest(clientId);
  const { url: withCode } = await browser.authorize(half); // a code that has not been exchanged

  expect(await changes.disable(idp.orm.em.fork(), { clientId, actor: 'cli:test' })).toEqual({
    ok: true,
    delivery: 'published',
  });

  const claims = claimsOf(access_token);
  await eventually(() => refuses(claims));
  expect(refuses({ ...claims, sid: 'x', iat: Number(claims['iat']) + 30 })).toBe(true); // minted by a node that lagged
  for (const at of [idp.origin, other]) {
    await eventually(
      async () => (await refresh(clientId, refresh_token, at)).body['error'] === 'invalid_client',
      aSecond,
    );
    const code = await idp.token(clientId, exchange(half, withCode), { at });
    const own = await idp.token(clientId, { grant_type: 'client_credentials' }, { at });
    expect([code, own].map(({ status, body }) => [status, body['error']])).toEqual([
      [401, 'invalid_client'],
      [401, 'invalid_client'],
    ]);
    const page = await idp.browser(at).authorize(authorizationRequest(clientId));
    expect(page.response.status).toBe(400);
    expect(page.url.href).not.toContain(callback); // nobody is sent to an application that is switched off
    expect(page.text).toContain('Portcullis');
    expect(page.text).toContain('or it has been switched off');
  }
  expect(await idp.sql('select 1 from oidc_grant where client_id = ?', [clientId])).toEqual([]);
});

test('people stay signed in at the other applications', async () => {
  const [off, on] = [await idp.declare(), await idp.declare()];
  const { browser, account } = await idp.tokens(off);
  const kept = await idp.tokens(on, {}, { browser, account });

  await changes.disable(idp.orm.em.fork(), { clientId: off, actor: null });
  await eventually(async () => !(await idp.knows(off)), aSecond);

  expect((await refresh(on, kept.refresh_token)).status).toBe(200);
  expect(refuses(claimsOf(kept.access_token))).toBe(false);
});

test('switched on again: people get in, at once, and what it had before stays dead', async () => {
  const clientId = await idp.declare({ grantTypes });
  const before = await idp.tokens(clientId);
  await changes.disable(idp.orm.em.fork(), { clientId, actor: null });
  await eventually(async () => !(await idp.knows(clientId)), aSecond);

  expect(await changes.enable(idp.orm.em.fork(), { clientId, actor: null })).toMatchObject({ ok: true });
  await eventually(() => idp.knows(clientId), aSecond);

  const after = await idp.tokens(clientId, {}, { browser: before.browser, account: before.account });
  await eventually(() => !refuses(claimsOf(after.access_token)));
  expect(refuses(claimsOf(before.access_token))).toBe(true);
  expect((await refresh(clientId, before.refresh_token)).body['error']).toBe('invalid_grant');
  expect((await refresh(clientId, after.refresh_token)).status).toBe(200);
  const act = { clientId, actor: null };
  expect(await changes.enable(idp.orm.em.fork(), act)).toEqual({ ok: false, reason: 'not_disabled' });
  expect(await changes.disable(idp.orm.em.fork(), { ...act, clientId: 'nobody' })).toEqual({
    ok: false,
    reason: 'not_found',
  });
  const events = await idp.sql('select action from audit_event where client_id = ? order by at', [clientId]);
  expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining(['client.disabled', 'client.enabled']));
});

test('what is switched off stays so when its declaration is applied again', async () => {
  const clientId = await idp.declare();
  await changes.disable(idp.orm.em.fork(), { clientId, actor: null });
  await apply(clientId, [clientSecret]);
  const [row] = await idp.sql('select disabled_at from client where id = ?', [clientId]);
  expect(row?.['disabled_at']).not.toBeNull();
});

test('a secret that is no longer declared: tokens obtained so far are dead, refresh tokens work with the secret that is left', async () => {
  const [old, fresh] = [clientSecret, 'another-secret-of-at-least-32-chars'];
  const clientId = await idp.declare({ grantTypes });
  const { access_token, refresh_token } = await idp.tokens(clientId);
  expect(await apply(clientId, [old, fresh])).toEqual([]);
  expect(refuses(claimsOf(access_token))).toBe(false);

  expect(await apply(clientId, [fresh])).toEqual([clientId]);

  await eventually(() => refuses(claimsOf(access_token)));
  const verdict = mirror.check(claimsOf(access_token));
  expect(verdict.state === 'revoked' && verdict.entry.cause).toBe('secret_revoked');
  const own = (secret: string) => idp.token(clientId, { grant_type: 'client_credentials' }, { secret });
  await eventually(async () => (await own(old)).body['error'] === 'invalid_client', aSecond);
  expect((await refresh(clientId, refresh_token, idp.origin, old)).body['error']).toBe('invalid_client');
  const renewed = await refresh(clientId, refresh_token, idp.origin, fresh);
  expect(renewed.status).toBe(200);
  const events = await idp.sql('select action, actor from audit_event where client_id = ? and action like ?', [
    clientId,
    'client.%',
  ]);
  expect(events).toEqual([{ action: 'client.secret_revoked', actor: 'cli:test' }]);
});

async function apply(id: string, secrets: string[]): Promise<string[]> {
  const declaration = ClientDeclaration.parse({
    id,
    name: id,
    firstParty: true,
    type: 'confidential',
    secrets,
    redirectUris: [callback],
    scope: 'openid profile email family',
    resources: ['urn:portcullis:family'],
    grantTypes,
  });
  const { ledger } = open;
  const revoked = await applyClients(idp.orm.em.fork(), [declaration], { env: {}, ledger, actor: 'cli:test' });
  await ledger.publish();
  return revoked;
}

function refresh(clientId: string, token: string, at = idp.origin, secret = clientSecret) {
  return idp.token(clientId, { grant_type: 'refresh_token', refresh_token: token }, { at, secret });
}
