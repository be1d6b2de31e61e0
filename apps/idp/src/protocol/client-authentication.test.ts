import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aSecond, authorizationRequest, clientSecret, exchange, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let client: string;
let other: string;
let spa: string;
const grantTypes = ['authorization_code' as const, 'refresh_token' as const, 'client_credentials' as const];
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ grantTypes });
  other = await idp.declare();
  spa = await idp.declare({ type: 'public' });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

describe('R-14: who cannot prove to be the client is refused', () => {
  const wrong: [string, (id: string) => { headers?: Record<string, string>; fields?: Record<string, string> }][] = [
    ['a wrong secret', (id) => ({ headers: basic(id, 'x'.repeat(34)) })],
    ['a secret cut by one', (id) => ({ headers: basic(id, clientSecret.slice(0, -1)) })],
    ['a secret with one more', (id) => ({ headers: basic(id, `${clientSecret}x`) })],
    ['an empty secret', (id) => ({ headers: basic(id, '') })],
    ['what the library thinks the secret is', (id) => ({ headers: basic(id, 'kept as a hash') })],
    ['a wrong secret in the form', (id) => ({ fields: { client_id: id, client_secret: 'x'.repeat(34) } })],
    ['nothing but its name', (id) => ({ fields: { client_id: id } })],
    ['nothing', () => ({})],
    ['another client’s name in the form', (id) => ({ headers: basic(id, clientSecret), fields: { client_id: spa } })],
    ['two proofs at once', (id) => ({ headers: basic(id, clientSecret), fields: { client_secret: clientSecret } })],
    ['an unknown client', () => ({ headers: basic('nobody', clientSecret) })],
    ['a header that is not base64', () => ({ headers: { authorization: 'Basic %%%' } })],
    [
      'an assertion (R-19: none is accepted)',
      (id) => ({
        fields: {
          client_id: id,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ sub: id }))}.`,
        },
      }),
    ],
  ];
  describe.each(['/token', '/request', '/token/revocation'])('at %s', (path) => {
    test.each(wrong)('%s', async (_, proof) => {
      const { headers = {}, fields = {} } = proof(client);
      const { status, error } = await post(path, headers, fields);
      expect([400, 401]).toContain(status);
      expect(['invalid_client', 'invalid_request']).toContain(error);
    });

    test.each([
      ['the secret in the header', (id: string) => ({ headers: basic(id, clientSecret), fields: { client_id: id } })],
      [
        'the secret in the form',
        (id: string) => ({ headers: {}, fields: { client_id: id, client_secret: clientSecret } }),
      ],
    ])('but not %s', async (_, proof) => {
      const { headers, fields } = proof(client);
      expect((await post(path, headers, fields)).status).toBeLessThan(300);
    });
  });

  test('a refusal after a try by header asks for Basic', async () => {
    const { status, challenge } = await post('/token', basic(client, 'wrong'), {});
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Basic realm=/);
  });

  test('a client gets only the grants it is registered for; a public one never acts as itself', async () => {
    for (const [id, secret] of [
      [other, clientSecret],
      [spa, null],
    ] as const) {
      const { body } = await idp.token(id, { grant_type: 'client_credentials' }, { secret });
      expect(body['error']).toBe('invalid_request');
    }
  });
});

test('R-14: several secrets are valid at once, and one that was taken out is refused within a second', async () => {
  const [old, fresh] = ['the-old-secret-of-at-least-32-chars', 'the-new-secret-of-at-least-32-chars'];
  const id = await idp.declare({ grantTypes, secrets: [old, fresh] });
  const works = async (secret: string): Promise<boolean> =>
    (await idp.token(id, { grant_type: 'client_credentials' }, { secret })).status === 200;
  expect([await works(old), await works(fresh), await works(clientSecret)]).toEqual([true, true, false]);

  await idp.declare({ id, grantTypes, secrets: [fresh] });
  await eventually(async () => !(await works(old)), aSecond);
  expect(await works(fresh)).toBe(true);
});

test('R-14: the database does not hold a secret', async () => {
  const rows = await idp.sql('select * from client join client_secret on client_secret.client_id = client.id');
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(clientSecret);
});

describe('R-17: a pushed authorization request', () => {
  test('lives 60 seconds, survives reloads of the sign-in page, and gives a code once', async () => {
    const { request, request_uri, expires_in } = await push();
    expect(expires_in).toBeLessThanOrEqual(60);
    const browser = idp.browser();
    await open(browser, request_uri);
    const page = await open(browser, request_uri); // an impatient person reloads
    const { url } = await browser.submit(page, (await idp.person()).email);
    expect((await idp.token(client, exchange(request, url))).status).toBe(200);

    const again = await open(browser, request_uri);
    expect(again.response.status).toBe(400);
    expect(again.text).toContain('Portcullis');
    expect(again.url.searchParams.has('code')).toBe(false);
  });

  test('gives one code to two browsers that finish it at the same time', async () => {
    const { request_uri } = await push();
    const browsers = [idp.browser(), idp.browser()];
    const pages = await Promise.all(browsers.map((browser) => open(browser, request_uri)));
    const { email } = await idp.person();
    const ends = await Promise.all(browsers.map((browser, i) => browser.submit(pages[i] ?? never(), email)));
    expect(ends.filter(({ url }) => url.searchParams.has('code'))).toHaveLength(1);
  });

  test('is refused to another client', async () => {
    const { request_uri } = await push();
    const { response, url } = await idp.browser().go(`/auth?${new URLSearchParams({ client_id: other, request_uri })}`);
    expect([response.status, url.searchParams.has('code')]).toEqual([400, false]);
  });

  test('is refused when it has expired, and when it never was', async () => {
    const { request_uri } = await push();
    for (const key of await idp.memory.keys('portcullis:artifact:PushedAuthorizationRequest:*'))
      await idp.memory.pexpire(key, 1);
    await eventually(async () => (await open(idp.browser(), request_uri)).response.status === 400);
    const invented = await open(idp.browser(), 'urn:ietf:params:oauth:request_uri:invented');
    expect(invented.response.status).toBe(400);
  });

  test('cannot be changed by what is added in the address', async () => {
    const { request, request_uri } = await push();
    const browser = idp.browser();
    const more = {
      redirect_uri: 'https://evil.example/',
      state: 'forged',
      code_challenge: 'x'.repeat(43),
      scope: 'openid',
    };
    const page = await browser.go(`/auth?${new URLSearchParams({ client_id: client, request_uri, ...more })}`);
    const { url } = await browser.submit(page, (await idp.person()).email);
    expect(url.searchParams.get('state')).toBe(request.params['state']);
    expect((await idp.token(client, exchange(request, url))).status).toBe(200);
  });

  test('is the only way for a client that has to push', async () => {
    const strict = await idp.declare({ requirePushedAuthorizationRequests: true });
    const { url } = await idp.browser().authorize(authorizationRequest(strict, { prompt: 'none' }));
    expect(url.searchParams.get('error')).toBe('invalid_request');
  });

  async function push() {
    const request = authorizationRequest(client);
    const response = await fetch(`${idp.origin}/request`, {
      method: 'POST',
      headers: basic(client, clientSecret),
      body: new URLSearchParams(request.params),
    });
    expect(response.status).toBe(201);
    return { request, ...((await response.json()) as { request_uri: string; expires_in: number }) };
  }

  function open(browser: ReturnType<TestIdp['browser']>, request_uri: string) {
    return browser.go(`/auth?${new URLSearchParams({ client_id: client, request_uri })}`);
  }
});

function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${btoa(`${id}:${secret}`)}` };
}

/** A request that any of the endpoints grants to a client that proves itself. */
async function post(path: string, headers: Record<string, string>, fields: Record<string, string>) {
  const own =
    path === '/request' ? authorizationRequest(client).params : { grant_type: 'client_credentials', token: 'x' };
  const { client_id: _byProof, ...rest } = own as Record<string, string>;
  const body = new URLSearchParams({ ...rest, ...fields });
  const response = await fetch(idp.origin + path, { method: 'POST', headers, body });
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  return { status: response.status, error, challenge: response.headers.get('www-authenticate') };
}

function never(): never {
  throw new Error('there is a page for each browser');
}
