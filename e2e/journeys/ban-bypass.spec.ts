import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { expect, test as base } from '../fixtures.ts';
import { listenForLogouts } from '../logout-receiver.ts';
import type { Person } from '../people.ts';
import { declareClient, familyApis, refusalOf, statusAt, type TestClient } from '../test-client.ts';
import { newVisitor, type Visitor } from '../visitor.ts';

/** Ways round a ban that were found open elsewhere. 7: with the service of bans; 18: with the faults of Redis. */
type Fixtures = {
  /** The person's browser, signed in at the shop. */
  visitor: Visitor;
  ban: (reason?: string) => Promise<unknown>;
};
const test = base.extend<Fixtures>({
  visitor: async ({ stack, person }, use) => {
    const visitor = await newVisitor(stack);
    expect((await visitor.signIn(stack.urls.shop, person)).text).toContain(person.name);
    await use(visitor);
    await visitor.close();
  },
  ban: async ({ portcullis, person }, use) => use(() => portcullis(['ban', person.email, '--reason', 'spam'])),
});

test('ban bypass 1: refresh after the ban', async ({ visitor, client, ban }) => {
  const { refresh_token: first } = await client.tokens(visitor.browser);
  const { refresh_token: second } = await client.refresh(first);
  await ban();
  expect(await refusalOf(client.refresh(second))).toBe('invalid_grant');
  expect(await refusalOf(client.refresh(first)), 'nor by an older one').toBe('invalid_grant');
});

test('ban bypass 2: sign-in by another way while banned', async ({ visitor, client, person, ban, stack }) => {
  const { email, password } = person;
  await ban();
  const stranger = await newVisitor(stack);
  for (const application of [stack.urls.shop, stack.urls.forum, stack.urls.dashboard])
    expect((await stranger.signIn(application, person)).text).toContain('This account is blocked');
  // A request pushed ahead, another way for the answer to come, the session the browser still has.
  const verifier = oidc.randomPKCECodeVerifier();
  const pushed = await oidc.buildAuthorizationUrlWithPAR(client.configuration, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await stranger.submit(await stranger.open(pushed.href), { email, password });
  expect(page.text).toContain('This account is blocked');
  const formPost = await client.authorize(stranger.browser, { response_mode: 'form_post' });
  expect(formPost.url.pathname).toContain('/sign-in/');
  for (const over of [{ prompt: 'none' }, { prompt: 'none', login_hint: person.id }]) {
    const silent = await client.authorize(visitor.browser, over);
    expect(silent.url.searchParams.get('error')).toBe('login_required');
  }
  await stranger.close();
});

test('ban bypass 3: a ban while the sign-in is half done', async ({ client, person, ban, stack }) => {
  const { email, password } = person;
  const [before, between] = [await newVisitor(stack), await newVisitor(stack)];
  // One has the page before it, the other has given the password and not yet followed the way back.
  const page = await before.open((await client.authorize(before.browser)).url.href);
  const other = await between.open((await client.authorize(between.browser)).url.href);
  const { next } = await between.submit(other, { email, password }, { stay: true });
  expect(next).toContain('/auth/');
  await ban();
  expect((await before.submit(page, { email, password })).text).toContain('This account is blocked');
  const resumed = await between.browser.get(new URL(next, stack.urls.idp).href, { maxRedirects: 0 });
  expect(resumed.headers()['location'] ?? '').not.toContain('code=');
  for (const visitor of [before, between]) {
    const silent = await client.authorize(visitor.browser, { prompt: 'none' });
    expect(silent.url.searchParams.get('error')).toBe('login_required');
    await visitor.close();
  }
});

const grantsOfOthers = {
  'urn:ietf:params:oauth:grant-type:jwt-bearer': ({ id_token: idToken }) => ({ assertion: idToken }),
  'urn:ietf:params:oauth:grant-type:token-exchange': ({ access_token: subject }) => ({
    subject_token: subject,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }),
  'urn:ietf:params:oauth:grant-type:device_code': () => ({ device_code: 'approved-before-the-ban' }),
  'urn:openid:params:grant-type:ciba': () => ({ auth_req_id: 'approved-before-the-ban' }),
  password: (_tokens, { email, password }) => ({ username: email, password }),
} satisfies Record<string, (tokens: { access_token: string; id_token?: string | undefined }, person: Person) => object>;

test('ban bypass 4: alternative grants are not there, for anybody', async ({ visitor, client, person, ban }) => {
  const tokens = await client.tokens(visitor.browser);
  const all = () =>
    Promise.all(Object.entries(grantsOfOthers).map(([grant, words]) => ask(client, grant, words(tokens, person))));
  const refused = Object.keys(grantsOfOthers).map(() => 'unsupported_grant_type');
  expect(await all()).toEqual(refused);
  await ban();
  expect(await all()).toEqual(refused);
  const { grant_types_supported: offered } = client.configuration.serverMetadata();
  expect(offered?.toSorted()).toEqual(['authorization_code', 'client_credentials', 'refresh_token']);
});

test('ban bypass 5: a token of an application for itself carries nobody who could be banned', async ({
  stack,
  portcullis,
  person,
  ban,
}) => {
  const client = await declareClient(stack, portcullis, { grantTypes: ['authorization_code', 'client_credentials'] });
  await ban();
  const request = (over: object) =>
    oidc.clientCredentialsGrant(client.configuration, { resource: family, scope: 'family', ...over });
  const { access_token: token } = await request({});
  expect(decodeJwt(token)).toMatchObject({ client_id: client.configuration.clientMetadata().client_id });
  const pretending = await request({ sub: person.id, username: person.email, login_hint: person.email });
  for (const each of [token, pretending.access_token]) expect(JSON.stringify(decodeJwt(each))).not.toContain(person.id);
});

test('ban bypass 6: a code that was mailed before the ban lets nobody in after it', async ({
  portcullis,
  person,
  ban,
  stack,
  inbox,
}) => {
  const client = await declareClient(stack, portcullis, { minimumAcr: 'urn:portcullis:acr:email-code' });
  const { email, password } = person;
  const [spared, banned] = [await newVisitor(stack), await newVisitor(stack)];
  const half = async (visitor: Visitor) => {
    const form = await visitor.open((await client.authorize(visitor.browser)).url.href);
    const step = await visitor.submit(form, { email, password });
    const asked = await visitor.submit(step, {}, { to: '/second-factor/mail' });
    const { code } = await inbox.letterTo(email, { subject: 'code' });
    return { asked, code: String(code) };
  };
  const before = await half(spared);
  const after = await half(banned);
  const { next } = await spared.submit(before.asked, { code: before.code }, { to: '/second-factor', stay: true });
  const answer = await spared.browser.get(new URL(next, stack.urls.idp).href, { maxRedirects: 0 });
  expect(answer.headers()['location'], 'without a ban the code is good').toContain(`${redirectUri}?code=`);

  await ban();
  const refused = await banned.submit(after.asked, { code: after.code }, { to: '/second-factor' });
  expect(refused.text).toContain('This account is blocked');
  expect((await client.authorize(banned.browser, { prompt: 'none' })).url.searchParams.get('error')).toBe(
    'login_required',
  );
  await Promise.all([spared.close(), banned.close()]);
});

test('ban bypass 8: of two moments before which tokens are dead the later one counts, whichever was named last', async ({
  visitor,
  client,
  portcullis,
  person,
  stack,
}) => {
  const old = await client.tokens(visitor.browser);
  const byAccount = ['revoke', '--account', person.email, '--reason', 'test'];
  const byMoment = ['revoke', '--everyone-before', '2h', '--reason', 'test', '--yes'];
  await portcullis(byMoment);
  expect(await answers(stack, old.access_token), 'it is younger than two hours').toEqual([200, 200, 200]);
  await portcullis(byAccount);
  await expect.poll(() => answers(stack, old.access_token)).toEqual([401, 401, 401]);
  await portcullis(byMoment);
  await portcullis(['sessions', 'end', person.email, '--all']);
  expect(await answers(stack, old.access_token), 'an older moment named later').toEqual([401, 401, 401]);
});

test("ban bypass 9: the application's own session, when its access token is no good any more", async ({
  visitor,
  portcullis,
  person,
  stack,
  ban,
}) => {
  // Other roles make the token in the session as dead as if it had expired; the session lives by its refresh token.
  await portcullis(['accounts', 'roles', person.email, 'analyst']);
  const own = await visitor.cookies();
  await ban();
  const ending = await visitor.open(`${stack.urls.shop}/orders`);
  expect(ending.text).toContain('You were signed out');
  expect(ending.text).toContain('Your account has been blocked');
  await portcullis(['unban', person.email]);
  const again = await newVisitor(stack, { cookies: own });
  expect((await again.open(`${stack.urls.shop}/orders`)).text, 'nor afterwards').not.toContain(person.name);
  await again.close();
});

test('ban bypass 10: an access token with no refresh token beside it', async ({ visitor, stack, portcullis, ban }) => {
  const client = await declareClient(stack, portcullis, { grantTypes: ['authorization_code'] });
  const tokens = await client.tokens(visitor.browser);
  expect(tokens.refresh_token).toBeUndefined();
  expect(await answers(stack, tokens.access_token)).toEqual([200, 200, 200]);
  await ban();
  await expect.poll(() => answers(stack, tokens.access_token)).toEqual([401, 401, 401]);
});

test('ban bypass 11: the logout token of a ban names no session, so that all of them end', async ({
  visitor,
  stack,
  portcullis,
  person,
  ban,
}) => {
  await using heard = await listenForLogouts();
  const client = await declareClient(stack, portcullis, { backchannelLogoutUri: heard.url });
  const second = await newVisitor(stack);
  await second.signIn(stack.urls.shop, person);
  const sids = [];
  for (const { browser } of [visitor, second]) sids.push(decodeJwt((await client.tokens(browser)).access_token)['sid']);
  expect(new Set(sids).size).toBe(2);
  await ban();
  await expect.poll(() => heard.tokens).toEqual([expect.objectContaining({ sub: person.id })]);
  expect(heard.tokens[0]).not.toHaveProperty('sid');
  await second.close();
});

test('ban bypass 12: a refresh token given back gives the same signals as a sign-out', async ({
  visitor,
  stack,
  portcullis,
  person,
}) => {
  await using heard = await listenForLogouts();
  const client = await declareClient(stack, portcullis, { backchannelLogoutUri: heard.url });
  const tokens = await client.tokens(visitor.browser);
  const { sid } = decodeJwt(tokens.access_token);
  await oidc.tokenRevocation(client.configuration, String(tokens.refresh_token));
  await expect.poll(() => answers(stack, tokens.access_token)).toEqual([401, 401, 401]);
  expect(await refusalOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  await expect.poll(() => heard.tokens).toEqual([expect.objectContaining({ sub: person.id, sid })]);
});

test('ban bypass 13: a deleted account is as shut out as a banned one', async ({
  visitor,
  client,
  portcullis,
  person,
  stack,
}) => {
  const tokens = await client.tokens(visitor.browser);
  const opaque = await client.tokens(visitor.browser, { resource: '' });
  const code = await client.authorize(visitor.browser);
  await portcullis(['accounts', 'delete', person.email, '--yes']);
  await expect.poll(() => answers(stack, tokens.access_token)).toEqual([401, 401, 401]);
  expect(await statusAt(`${stack.urls.idp}/me`, opaque.access_token)).toBe(401);
  expect(await refusalOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  expect(await refusalOf(client.exchange(code))).toBe('invalid_grant');
  expect((await visitor.open(`${stack.urls.shop}/orders`)).text).not.toContain(person.name);
  const page = await (await newVisitor(stack)).signIn(stack.urls.shop, person);
  expect(page.text).toContain('do not go together');
});

test('ban bypass 14: there are no codes for devices or by another channel that could be approved before a ban', async ({
  client,
  stack,
}) => {
  const metadata = client.configuration.serverMetadata();
  expect(metadata.device_authorization_endpoint).toBeUndefined();
  expect(metadata['backchannel_authentication_endpoint']).toBeUndefined();
  for (const path of ['/device', '/device/auth', '/backchannel'])
    expect((await fetch(stack.urls.idp + path, { method: 'POST' })).status).toBe(404);
  const refused = ['urn:ietf:params:oauth:grant-type:device_code', 'urn:openid:params:grant-type:ciba'];
  for (const grant of refused) expect(await ask(client, grant, {})).toBe('unsupported_grant_type');
});

test('ban bypass 15: when the ban is lifted old tokens stay dead and new ones work at once', async ({
  visitor,
  client,
  portcullis,
  person,
  stack,
  ban,
}) => {
  const old = await client.tokens(visitor.browser);
  await ban();
  await portcullis(['unban', person.email]);
  expect((await visitor.signIn(stack.urls.shop, person)).text).toContain(person.name);
  const fresh = await client.tokens(visitor.browser);
  expect(await answers(stack, fresh.access_token)).toEqual([200, 200, 200]);
  expect(await answers(stack, old.access_token)).toEqual([401, 401, 401]);
  expect(await refusalOf(client.refresh(old.refresh_token))).toBe('invalid_grant');
});

test('ban bypass 16: a code issued before the ban, exchanged after it', async ({
  visitor,
  client,
  ban,
  portcullis,
  person,
}) => {
  const [early, late] = [await client.authorize(visitor.browser), await client.authorize(visitor.browser)];
  await ban();
  expect(await refusalOf(client.exchange(early))).toBe('invalid_grant');
  await portcullis(['unban', person.email]);
  expect(await refusalOf(client.exchange(late)), 'nor when the ban is lifted').toBe('invalid_grant');
});

test("ban bypass 17: the cookies of the provider's own pages and of every application", async ({
  visitor,
  person,
  stack,
  ban,
}) => {
  const { shop, forum, dashboard, idp } = stack.urls;
  const pages = [`${shop}/orders`, forum, dashboard, idp];
  for (const application of [forum, dashboard]) await visitor.enter(application);
  for (const url of pages) expect((await visitor.open(url)).text).toContain(person.name);
  const cookies = await visitor.cookies();
  await ban();
  for (const url of pages) {
    const thief = await newVisitor(stack, { cookies });
    await expect.poll(async () => (await thief.open(url)).text).not.toContain(person.name);
    await thief.close();
  }
});

const family = 'urn:portcullis:family';
const redirectUri = 'http://127.0.0.1:9/callback';

function answers(stack: Parameters<typeof familyApis>[0], token: string): Promise<number[]> {
  return Promise.all(familyApis(stack).map((api) => statusAt(api, token)));
}

/** The error code with which this grant is refused. */
function ask({ configuration }: TestClient, grant: string, words: Record<string, unknown>): Promise<string> {
  const given = Object.fromEntries(Object.entries(words).map(([name, value]) => [name, String(value)]));
  return refusalOf(oidc.genericGrantRequest(configuration, grant, given));
}
