import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { authorizationRequest, claimsOf, exchange, startIdp, type TestIdp } from '#harness.ts';
import { giveTotp, sendTotp, totpCode } from '#sign-in/test/member.ts';
import { route, toRead } from './route.ts';
import { adminRoutes } from './routes.ts';
import { startCallers, type Caller, type Callers } from './test/caller.ts';

/** Who may call what: `act` and `support` need a sign-in of the last ten minutes. */
const policy = {
  read: ['admin', 'support'],
  bulk: ['admin'],
  support: ['admin', 'support'],
  act: ['admin'],
} as const;

const written: Record<string, keyof typeof policy> = {
  'get /overview': 'read',
  'get /clients': 'read',
  'post /clients/:id/disable': 'act',
  'post /clients/:id/enable': 'act',
  'post /revocations/everyone': 'act',
  'get /accounts': 'read',
  'get /accounts/:id': 'read',
  'get /accounts/:id/sessions': 'read',
  'delete /accounts/:id/sessions/:sid': 'support',
  'delete /accounts/:id/sessions': 'support',
  'get /accounts/:id/applications': 'read',
  'delete /accounts/:id/applications/:clientId': 'act',
  'get /accounts/:id/activity': 'read',
  'put /accounts/:id/roles': 'act',
  'delete /accounts/:id': 'act',
  'post /accounts/:id/disable': 'act',
  'post /accounts/:id/enable': 'act',
  'get /accounts/:id/bans': 'read',
  'post /accounts/:id/bans/preview': 'read',
  'post /accounts/:id/bans': 'act',
  'post /accounts/:id/bans/lift': 'act',
  'post /bans/bulk/preview': 'read',
  'post /bans/bulk': 'act',
  'get /bans': 'read',
  'get /bans/:id': 'read',
  'get /bans/:id/receipts': 'read',
  'get /audit': 'read',
  'get /audit/export': 'bulk',
  'get /webhooks': 'read',
  'post /webhooks': 'act',
  'delete /webhooks/:name': 'act',
  'get /webhooks/:name/deliveries': 'read',
};

let idp: TestIdp;
let callers: Callers;
let bearers: Record<string, Caller>;
beforeAll(async () => {
  idp = await startIdp();
  callers = await startCallers(idp);
  const with_ = async (claims: Record<string, unknown>) => callers.caller(await callers.token(claims));
  const longAgo = Math.floor(Date.now() / 1000) - 601;
  bearers = {
    nobody: callers.caller(undefined),
    forger: callers.caller((await callers.token({ roles: ['admin'] })).replace(/\.[^.]+$/, `.${'A'.repeat(86)}`)),
    'admin of the family': await with_({ roles: ['admin'], aud: 'urn:portcullis:family', scope: 'family admin' }),
    'admin with another scope': await with_({ roles: ['admin'], scope: 'openid administrator' }),
    'admin whose token is over': await with_({ roles: ['admin'], exp: longAgo }),
    person: await with_({}),
    analyst: await with_({ roles: ['analyst', 'administrator', 'Admin'] }),
    support: await with_({ roles: ['support'] }),
    admin: await with_({ roles: ['analyst', 'admin'] }),
    'admin with a passkey': await with_({ roles: ['admin'], acr: 'urn:portcullis:acr:phishing-resistant' }),
    'admin with a password': await with_({ roles: ['admin'], acr: 'urn:portcullis:acr:password' }),
    'admin with a mailed code': await with_({ roles: ['admin'], acr: 'urn:portcullis:acr:email-code' }),
    'admin of nobody knows how': await with_({ roles: ['admin'], acr: undefined }),
    'admin of long ago': await with_({ roles: ['admin'], auth_time: longAgo }),
    'admin of nobody knows when': await with_({ roles: ['admin'], auth_time: undefined }),
  };
});
afterAll(() => idp[Symbol.asyncDispose]());

const routes = adminRoutes({} as Parameters<typeof adminRoutes>[0]);

test('R-67: every route is in the written policy, and every line of it is a route', () => {
  expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(Object.keys(written).toSorted());
});

const refusedAs: Record<string, (kind: keyof typeof policy) => [status: number, error: string] | 'let in'> = {
  nobody: () => [401, 'unauthorized'],
  forger: () => [401, 'invalid_token'],
  'admin of the family': () => [401, 'invalid_token'],
  'admin with another scope': () => [403, 'insufficient_scope'],
  'admin whose token is over': () => [401, 'invalid_token'],
  person: () => [403, 'insufficient_scope'],
  analyst: () => [403, 'insufficient_scope'],
  support: (kind) => (policy[kind].includes('support' as never) ? 'let in' : [403, 'insufficient_scope']),
  admin: () => 'let in',
  'admin with a passkey': () => 'let in',
  'admin with a password': () => [401, 'insufficient_user_authentication'],
  'admin with a mailed code': () => [401, 'insufficient_user_authentication'],
  'admin of nobody knows how': () => [401, 'insufficient_user_authentication'],
  'admin of long ago': (kind) =>
    kind === 'act' || kind === 'support' ? [401, 'insufficient_user_authentication'] : 'let in',
  'admin of nobody knows when': (kind) =>
    kind === 'act' || kind === 'support' ? [401, 'insufficient_user_authentication'] : 'let in',
};

const cases = Object.entries(written).flatMap(([line, kind]) =>
  Object.entries(refusedAs).map(([who, refusal]) => ({ line, who, expected: refusal(kind) })),
);

test.each(cases.filter(({ expected }) => expected !== 'let in'))(
  'R-67, A-22: $line is refused to $who',
  async ({ line, who, expected }) => {
    const { status, body, headers } = await ask(line, who);
    expect([status, body['error']]).toEqual(expected);
    expect(body).toEqual({ error: expect.any(String), message: expect.any(String), request_id: expect.any(String) });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(headers.get('cache-control')).toContain('no-store');
  },
);

test.each(cases.filter(({ expected }) => expected === 'let in'))(
  'R-67, A-22: $line is open to $who',
  async ({ line, who }) => {
    const { status, headers } = await ask(line, who);
    expect([200, 400, 404, 409]).toContain(status);
    expect(headers.get('cache-control')).toContain('no-store');
  },
);

/** With ids that nothing has, and a body that says nothing: who is let in changes nothing. */
function ask(line: string, who: string): ReturnType<Caller> {
  const [method = '', path = ''] = line.split(' ');
  const address = path.replace(':clientId', 'no-such-client').replace(/:\w+/g, randomUUID());
  const body = method === 'get' || method === 'delete' ? undefined : {};
  return (bearers[who] as Caller)(method.toUpperCase(), address, body);
}

test('anybody may read how the API is used', async () => {
  const { status, body } = await (bearers['nobody'] as Caller)('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${idp.issuer}/admin-api` }] });
});

test('RFC 9470: an act with an old sign-in says how recent one has to be', async () => {
  const { headers } = await (bearers['admin of long ago'] as Caller)('DELETE', `/accounts/${randomUUID()}`);
  expect(headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"');
  expect(headers.get('www-authenticate')).toContain('max_age="600"');
});

test('R-67: a token from a real sign-in is good with the role and two factors only, whichever application asked for it', async () => {
  const console_ = await idp.declare({ scope: 'openid admin', resources: ['urn:portcullis:admin'] });
  const admin = await idp.person();
  await idp.sql(`update account set roles = '{admin}' where id = ?`, [admin.id]);
  const asked = { scope: 'openid admin', resource: 'urn:portcullis:admin' };
  const signedIn = await idp.tokens(console_, asked, { account: admin });
  const plain = await idp.tokens(console_, asked);

  const weak = await callers.caller(signedIn.access_token)('GET', '/overview');
  expect([weak.status, weak.body['error']]).toEqual([401, 'insufficient_user_authentication']);
  const { 'www-authenticate': challenge = '' } = Object.fromEntries(weak.headers);
  const [, acrValues = ''] = /acr_values="([^"]+)"/.exec(challenge) ?? [];
  await giveTotp(idp, admin);
  const request = authorizationRequest(console_, { ...asked, acr_values: acrValues });
  const page = await signedIn.browser.authorize(request);
  const { url } = await sendTotp(signedIn.browser, page, await totpCode(idp, admin));
  const strong = (await idp.token(console_, exchange(request, url))).body['access_token'];

  expect(claimsOf(strong)).toMatchObject({ aud: 'urn:portcullis:admin', roles: ['admin'] });
  const list = await callers.caller(strong)('GET', `/accounts?q=${plain.account.email}`);
  expect(list).toMatchObject({ status: 200, body: { accounts: [{ id: plain.account.id }], next: null } });
  expect((await callers.caller(plain.access_token)('GET', '/overview')).status).toBe(403);
  const act = await callers.caller(strong)('DELETE', `/accounts/${plain.account.id}/sessions`);
  expect(act).toMatchObject({ status: 200, body: { ended: 1 } });
});

test('F-03: whoever is cut off acts no more from that moment on, and bans are spoken, while Redis is away', async () => {
  const [mara, nils, victim] = [await callers.as('admin'), await callers.as('admin'), await callers.account()];
  await idp.redis.kill();
  try {
    const ban = await mara.call('POST', `/accounts/${nils.id}/bans`, { reason: 'mutiny' });
    expect(ban).toMatchObject({ status: 201, body: { delivery: 'pending', ban: { state: 'in_force' } } });
    const late = await nils.call('POST', `/accounts/${victim}/bans`, { reason: 'revenge' });
    expect([late.status, late.body['error']]).toEqual([401, 'invalid_token']);
    const { id } = ban.body['ban'] as { id: string };
    const receipts = await mara.call('GET', `/bans/${id}/receipts`);
    expect(receipts).toMatchObject({ status: 200, body: { publishedAt: null, complete: false } });
    expect(await mara.call('GET', '/overview')).toMatchObject({ status: 200, body: { mirrors: null } });
  } finally {
    await idp.redis.restart();
  }
  await eventually(async () => (await mara.call('GET', '/overview')).body['mirrors'] !== null);
});

test('a route that does not say who may call it does not compile', () => {
  const rest = {
    method: 'get',
    path: '/secrets',
    summary: '',
    answer: z.string(),
    example: '',
    handle: async () => '',
  } as const;
  // @ts-expect-error there is no `need`
  route(rest);
  // @ts-expect-error nobody is no role
  route({ ...rest, need: { roles: [], recentSignIn: false } });
  expect(route({ ...rest, need: toRead }).need).toBe(toRead);
});
