import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, callback, clientSecret, startIdp, type TestIdp } from '#harness.ts';
import { crowding } from '#revocations/test/crowding.ts';

let idp: TestIdp;
let client: string;
let native: string;
const withQuery = 'https://app.example/return?tenant=1';
const loopback = 'http://127.0.0.1:8123/callback';

beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ redirectUris: [callback, withQuery, 'http://localhost:4999/callback'] });
  native = await idp.declare({
    type: 'public',
    applicationType: 'native',
    redirectUris: [loopback, 'http://[::1]:8123/callback'],
  });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

/** None of them is `https://app.example/callback`, `https://app.example/return?tenant=1` or `http://localhost:4999/callback`. */
const mutations = [
  // case
  'HTTPS://app.example/callback',
  'https://APP.example/callback',
  'https://app.example/Callback',
  'https://app.example/CALLBACK',
  // path
  'https://app.example/callback/',
  'https://app.example//callback',
  'https://app.example/callback//',
  'https://app.example/./callback',
  'https://app.example/x/../callback',
  'https://app.example/callback/..',
  'https://app.example/callback/../../evil',
  'https://app.example/callback/..%2fevil',
  'https://app.example/callback/%2e%2e/evil',
  'https://app.example/callback;x=y',
  'https://app.example/callback.evil',
  'https://app.example/callbac',
  'https://app.example/callbackk',
  'https://app.example/',
  'https://app.example',
  'https://app.example/callback/evil',
  // encodings
  'https://app.example/%63allback',
  'https://app.example/call%62ack',
  'https://app.example%2fcallback',
  'https://app.example/callback%2f',
  'https://app.example/callback%00',
  'https://app.example/callback%20',
  'https://app.example/callback%0d%0aLocation:%20https://evil.example',
  'https%3A%2F%2Fapp.example%2Fcallback',
  'https://app%2eexample/callback',
  'https://app.example/callback\u0000',
  'https://app.example/callback\r\nX-Evil: 1',
  'https://app.example/callback ',
  ' https://app.example/callback',
  '\thttps://app.example/callback',
  'https://app.example/call\tback',
  // query and fragment
  'https://app.example/callback?',
  'https://app.example/callback?x=y',
  'https://app.example/callback?redirect=https://evil.example',
  'https://app.example/return',
  'https://app.example/return?tenant=2',
  'https://app.example/return?tenant=1&x=y',
  'https://app.example/return?x=y&tenant=1',
  'https://app.example/return?tenant=1&tenant=2',
  'https://app.example/callback#',
  'https://app.example/callback#fragment',
  'https://app.example/callback%23fragment',
  // userinfo
  'https://user@app.example/callback',
  'https://user:secret@app.example/callback',
  'https://app.example@evil.example/callback',
  'https://app.example%40evil.example/callback',
  'https://evil.example#@app.example/callback',
  'https://evil.example?@app.example/callback',
  'https://evil.example\\@app.example/callback',
  // backslashes and slashes
  'https:\\\\app.example\\callback',
  'https:/app.example/callback',
  'https:///app.example/callback',
  'https://app.example\\callback',
  'https:app.example/callback',
  '//app.example/callback',
  '/\\evil.example/callback',
  '/callback',
  'callback',
  // host and port
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'https://app.example:/callback',
  'https://app.example./callback',
  'https://www.app.example/callback',
  'https://evil.app.example/callback',
  'https://app.example.evil.example/callback',
  'https://evilapp.example/callback',
  'https://xapp.example/callback',
  'https://app-example/callback',
  'https://\u0430pp.example/callback', // a Cyrillic a
  'https://xn--pp-7cd.example/callback',
  'https://app\u3002example/callback',
  'https://\uff41pp.example/callback',
  'https://evil.example/callback',
  'https://evil.example/?https://app.example/callback',
  'https://127.0.0.1/callback',
  'https://[::1]/callback',
  // scheme, and the loopback rule that is not for web applications
  'http://app.example/callback',
  'ftp://app.example/callback',
  'javascript:alert(1)//https://app.example/callback',
  'data:text/html,https://app.example/callback',
  'vbscript:https://app.example/callback',
  'app.example:/callback',
  'http://localhost:5000/callback',
  'http://localhost/callback',
  'http://127.0.0.1:4999/callback',
  // lists and wildcards
  'https://app.example/*',
  'https://*.example/callback',
  'https://app.example/callback,https://evil.example',
  'https://app.example/callback https://evil.example',
];

test('R-01: there are at least 60 mutations, all different, none of them registered', () => {
  expect(new Set(mutations).size).toBeGreaterThanOrEqual(60);
  expect(mutations).not.toContain(callback);
});

describe('R-01, R-02: a redirect URI that is not registered to the letter gets a page of ours and never a redirect', () => {
  const errorsToo = {
    'a good request': {},
    'prompt=none': { prompt: 'none' },
    'a bad request': { response_type: 'x' },
  };
  test.each(Object.entries(errorsToo))('%s', async (_, over) => {
    // The registered ones are redirected to, so the refusals below say something.
    for (const uri of [callback, withQuery])
      expect((await ask({ ...over, prompt: 'none', redirect_uri: uri })).headers.get('location')).toContain(uri);

    const followed = await Promise.all(
      mutations.map(async (uri) => {
        const response = await ask({ ...over, redirect_uri: uri });
        const refused = response.status === 400 && response.headers.get('location') === null;
        const html = await response.text();
        const branded = html.includes('Portcullis') && html.includes('cannot sign you in');
        return refused && branded && !/href="[^"]*evil/.test(html) ? [] : [uri];
      }),
    );
    expect(followed.flat()).toEqual([]);
  });
});

test('R-01: a pushed authorization request matches redirect URIs as strictly', async () => {
  const { params } = authorizationRequest(client);
  const pushed = await Promise.all(
    mutations.map(async (uri) => {
      const response = await fetch(`${idp.issuer}/request`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client}:${clientSecret}`)}` },
        body: new URLSearchParams({ ...params, redirect_uri: uri }),
      });
      return response.status === 400 ? [] : [uri];
    }),
  );
  expect(pushed.flat()).toEqual([]);
});

test.each([
  ['an unknown client', { client_id: 'nobody' }],
  ['no client', { client_id: '' }],
  ['a client id in other letters', { client_id: 'CLIENT' }],
  ['no redirect URI', { redirect_uri: '' }],
])('R-02: %s gets a page of ours and never a redirect', async (_, over) => {
  const response = await ask(over);
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBe(null);
  expect(await response.text()).toContain('Portcullis');
});

test('R-03: redirect_uri is required although the client has only one, at the authorization and at the token endpoint', async () => {
  const single = await idp.declare();
  const { redirect_uri: _left, ...params } = authorizationRequest(single).params;
  const response = await fetch(`${idp.issuer}/auth?${new URLSearchParams(params)}`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([400, null]);

  const request = authorizationRequest(single);
  const { url } = await idp.browser().signIn(request, (await idp.person()).email);
  const code = url.searchParams.get('code') ?? '';
  const { status, body } = await idp.token(single, {
    grant_type: 'authorization_code',
    code,
    code_verifier: request.verifier,
  });
  expect([status, body['error']]).toEqual([400, 'invalid_request']);
});

describe('R-01: loopback redirect URIs of native applications', () => {
  test.each(['http://127.0.0.1:8123/callback', 'http://127.0.0.1:50001/callback', 'http://[::1]:50001/callback'])(
    'any port is theirs: %s',
    async (uri) => {
      const response = await ask({ client_id: native, redirect_uri: uri, prompt: 'none', resource: '' });
      expect(response.headers.get('location')).toContain(uri);
    },
  );

  test.each([
    'http://localhost:8123/callback',
    'http://127.0.0.1:50001/other',
    'http://127.0.0.1:50001/callback?x=y',
    'https://127.0.0.1:50001/callback',
    'http://127.0.0.2:50001/callback',
    'http://user@127.0.0.1:50001/callback',
    'http://127.0.0.1:50001@evil.example/callback',
    'http://127.0.0.1.evil.example:50001/callback',
    'http://0.0.0.0:8123/callback',
    'http://2130706433:8123/callback',
    'http://127.1:8123/callback',
    'http://0x7f000001:50001/callback',
    'http://127.0.0.1:50001/callback#',
  ])('nothing else is: %s', async (uri) => {
    const response = await ask({ client_id: native, redirect_uri: uri, prompt: 'none', resource: '' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });
});

function ask(over: Record<string, string>): Promise<Response> {
  const { params } = authorizationRequest(client, over);
  const given = Object.entries(params).filter(([, value]) => value !== '');
  return fetch(`${idp.issuer}/auth?${new URLSearchParams(given)}`, {
    redirect: 'manual',
    headers: { accept: 'text/html' },
  });
}

/** Made to be hard to parse, endless, or to lead elsewhere; as they stand in a query. */
const odd = [
  'https://',
  'https://[',
  'http://[::1',
  'https://%',
  '%',
  '%E0%A4%A',
  '%ff%fe',
  '%00',
  'https://app.example:99999/',
  'https://app.example%23@evil.example/',
  'https://evil.example',
  '//evil.example',
  '/%5Cevil.example',
  '%5C%5Cevil.example',
  '/%09/evil.example',
  '%0d%0aLocation:https://evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://xn--',
  `https://${'a.'.repeat(5000)}`,
  `/${'../'.repeat(4000)}`,
  '%F0%9F%8F%B0',
];
const addresses = [
  ...['redirect_uri', 'request_uri', 'request', 'resource', 'id_token_hint', 'ui_locales', 'login_hint', 'claims'].map(
    (name) => ['/auth', name],
  ),
  ...['post_logout_redirect_uri', 'id_token_hint', 'ui_locales'].map((name) => ['/session/end', name]),
  ...['/register', '/reset-password'].map((path) => [path, 'from']),
  ['/register/confirm', 'token'],
  ['/account/signed-in', 'state'],
  ['/account/switch', 'to'],
] as [path: string, parameter: string][];

test.each(addresses)(
  'lesson 67: %s answers whatever is in %s within a second, and leads nowhere else',
  async (path, parameter) => {
    const { params } = authorizationRequest(client);
    delete params[parameter];
    const rest = path === '/auth' ? `${new URLSearchParams(params).toString()}&` : '';
    for (const value of odd) {
      const begun = performance.now();
      const response = await fetch(`${idp.origin}${path}?${rest}${parameter}=${value}`, { redirect: 'manual' });

      expect.soft(performance.now() - begun, value).toBeLessThan(1000 * crowding());
      expect.soft(response.status, value).toBeLessThan(500);
      const to = new URL(response.headers.get('location') ?? '/', idp.origin);
      expect.soft([idp.origin, new URL(callback).origin], value).toContain(to.origin);
    }
  },
);
