import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, clientSecret, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let client: string;
/** Nodes without the edge's own checks: one that believes no proxy, one that believes one. */
let bare: string[];
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] });
  bare = [await idp.node({ bare: true }), await idp.node({ bare: true, trustedHops: 1 })];
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

/** Every GET route there is, in the states an outsider can bring about. */
function getRoutes(): string[] {
  const { params } = authorizationRequest(client);
  return [
    '/',
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/.well-known/nothing',
    '/jwks',
    `/auth?${new URLSearchParams(params)}`,
    `/auth?${new URLSearchParams({ ...params, prompt: 'none' })}`,
    `/auth?${new URLSearchParams({ ...params, response_mode: 'form_post', prompt: 'none' })}`,
    '/auth?client_id=nobody',
    '/auth/unknown',
    '/me',
    '/session/end',
    `/session/end?client_id=${client}`,
    '/session/end/success',
    `/session/end/success?client_id=${client}`,
    '/sign-in/unknown',
    '/health/live',
    '/health/ready',
    '/assets/none/none.css',
    '/token',
    '/nowhere',
  ];
}

describe('R-10, A-13: no header decides a URL of ours', () => {
  const poisons: Record<string, (own: string) => Record<string, string>> = {
    Host: () => ({ host: 'evil.example' }),
    'a Host with userinfo': (own) => ({ host: `${own}@evil.example` }),
    'a Host with another port': () => ({ host: 'localhost:6666' }),
    'X-Forwarded-Host': () => ({ 'x-forwarded-host': 'evil.example' }),
    'X-Forwarded-Host after ours': (own) => ({ 'x-forwarded-host': `${own}, evil.example` }),
    'X-Forwarded-Proto and -Port': () => ({ 'x-forwarded-proto': 'gopher', 'x-forwarded-port': '6666' }),
    Forwarded: () => ({ forwarded: 'for=1.2.3.4;host=evil.example;proto=gopher' }),
    'X-Host and X-Forwarded-Server': () => ({ 'x-host': 'evil.example', 'x-forwarded-server': 'evil.example' }),
    'X-Original-URL and X-Rewrite-URL': () => ({
      'x-original-url': 'https://evil.example/',
      'x-rewrite-url': 'https://evil.example/',
    }),
  };
  const poisoned = /evil\.example|gopher|:6666/;

  test.each(Object.entries(poisons))('%s, on every GET route, at the edge and behind it', async (_, poison) => {
    const problems: string[] = [];
    for (const origin of [idp.origin, ...bare]) {
      const own = new URL(origin).host;
      await Promise.all(
        getRoutes().map(async (path) => {
          const { response, body } = await send(origin, { path, headers: { host: own, ...poison(own) } });
          const said = JSON.stringify(response.headers) + body;
          if (poisoned.test(said) || (response.statusCode ?? 500) >= 500) problems.push(`${origin} ${path}: ${said}`);
        }),
      );
    }
    expect(problems).toEqual([]);
  });

  test('an absolute-form target is refused', async () => {
    const { response } = await send(idp.origin, { path: 'http://evil.example/.well-known/openid-configuration' });
    expect(response.statusCode).toBe(421);
  });
});

test('R-21: every route says no-store, and only keys, metadata and assets may be kept, keys for 60 seconds at most', async () => {
  const kept: Record<string, string> = {};
  for (const path of getRoutes()) {
    const response = await fetch(idp.origin + path, { redirect: 'manual', headers: { accept: 'text/html' } });
    kept[path.replace(/\?.*/, '')] = response.headers.get('cache-control') ?? 'nothing';
  }
  for (const path of [
    '/token',
    '/request',
    '/token/revocation',
    '/token/introspection',
    '/auth',
    '/session/end',
    '/session/end/confirm',
    '/me',
  ])
    kept[`POST ${path}`] =
      (await fetch(idp.origin + path, { method: 'POST', redirect: 'manual' })).headers.get('cache-control') ??
      'nothing';
  const { tokens, pages } = await answersToAPerson();
  Object.assign(kept, tokens, pages);

  const cached = Object.entries(kept).filter(([, value]) => value !== 'no-store');
  expect(Object.fromEntries(cached)).toEqual({
    '/jwks': 'public, max-age=60',
    '/.well-known/openid-configuration': 'public, max-age=60',
    '/.well-known/oauth-authorization-server': 'public, max-age=60',
  });

  async function answersToAPerson() {
    const browser = idp.browser();
    const page = await browser.authorize(authorizationRequest(client));
    const wrong = await browser.submit(page, 'nobody@example.org');
    const signedIn = await idp.tokens(client, { resource: '', scope: 'openid' });
    const userinfo = await fetch(`${idp.origin}/me`, { headers: { authorization: `Bearer ${signedIn.access_token}` } });
    expect([page.response.status, wrong.response.status, userinfo.status]).toEqual([200, 422, 200]);
    const refreshed = await idp.token(client, { grant_type: 'refresh_token', refresh_token: signedIn.refresh_token });
    const home = await signedIn.browser.go('/');
    const question = await signedIn.browser.go('/session/end');
    const cacheControl = ({ headers }: { headers: Headers }): string => headers.get('cache-control') ?? 'nothing';
    return {
      tokens: { 'POST /token refresh': cacheControl(refreshed), 'GET /me': cacheControl(userinfo) },
      pages: {
        'sign-in page': cacheControl(page.response),
        'sign-in refusal': cacheControl(wrong.response),
        'home, signed in': cacheControl(home.response),
        'sign-out question': cacheControl(question.response),
      },
    };
  }
});

describe('R-22: a parameter given twice is refused', () => {
  test.each(['GET', 'POST'])('at the authorization endpoint, by %s', async (method) => {
    const more = { max_age: '10', login_hint: 'a', response_mode: 'query', id_token_hint: 'x', request_uri: 'x' };
    const { params } = authorizationRequest(client, { prompt: 'none', ui_locales: 'en', acr_values: 'x', ...more });
    const { resource: _mayBeSeveral, ...single } = params; // RFC 8707
    const accepted: string[] = [];
    for (const [name, value] of Object.entries(single)) {
      const doubled = twice(authorizationRequest(client, { prompt: 'none', [name]: value }).params, name);
      const response = await fetch(`${idp.origin}/auth${method === 'GET' ? `?${doubled}` : ''}`, {
        method,
        redirect: 'manual',
        ...(method === 'POST' ? { body: doubled } : {}),
      });
      const location = response.headers.get('location') ?? '';
      if (response.status !== 400 && !location.includes('error=invalid_request')) accepted.push(name);
    }
    expect(accepted).toEqual([]);
  });

  const forms: [string, string[]][] = [
    ['/token', ['grant_type', 'scope', 'client_id', 'code', 'refresh_token', 'redirect_uri', 'code_verifier']],
    ['/request', ['client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'response_type', 'prompt']],
    ['/token/revocation', ['token', 'token_type_hint', 'client_id']],
    ['/token/introspection', ['token', 'token_type_hint', 'client_id']],
    ['/session/end', ['id_token_hint', 'client_id', 'state', 'post_logout_redirect_uri', 'logout_hint', 'ui_locales']],
    ['/session/end/confirm', ['xsrf', 'logout']],
  ];
  const grants: Record<string, string> = { code: 'authorization_code', refresh_token: 'refresh_token' };

  test.each(forms)('at %s', async (path, names) => {
    const authorization = `Basic ${btoa(`${client}:${clientSecret}`)}`;
    const accepted: string[] = [];
    for (const name of names) {
      const grant_type = grants[name] ?? (/redirect|verifier/.test(name) ? 'authorization_code' : 'client_credentials');
      const known = { ...authorizationRequest(client).params, token: 'x', grant_type };
      const body = twice(known, name);
      const response = await fetch(idp.origin + path, { method: 'POST', headers: { authorization }, body });
      const { error } = (await response.json()) as { error: string };
      if (response.status !== 400 || !['invalid_request', 'duplicate_field'].includes(error)) accepted.push(name);
    }
    expect(accepted).toEqual([]);
  });

  test.each(['id_token_hint', 'client_id', 'state', 'post_logout_redirect_uri'])(
    'in the query of a sign-out: %s',
    async (name) => {
      const response = await fetch(`${idp.origin}/session/end?${twice({ client_id: client }, name)}`);
      expect(response.status).toBe(400);
    },
  );
});

describe('R-23, A-11: what is too large is refused, and the node goes on', () => {
  const posts = [
    '/auth',
    '/token',
    '/request',
    '/token/revocation',
    '/token/introspection',
    '/session/end',
    '/session/end/confirm',
    '/me',
    '/sign-in/x',
  ];
  const gets = [
    '/auth',
    '/session/end',
    '/session/end/success',
    '/me',
    '/jwks',
    '/.well-known/openid-configuration',
    '/sign-in/x',
  ];
  const form = 'application/x-www-form-urlencoded';

  test.each(gets)('A-20: a URL of 16 kB is answered with 414, a cookie of 64 kB with 431: GET %s', async (path) => {
    const long = await send(idp.origin, { path: `${path}?client_id=${'a'.repeat(16_384)}` });
    const heavy = await send(idp.origin, { path, headers: { cookie: `portcullis_session=${'a'.repeat(65_536)}` } });
    expect([long.response.statusCode, heavy.response.statusCode]).toEqual([414, 431]);
  });

  test.each(posts)('a form of 1 MB, declared or not, 1e5 parameters, deep JSON: POST %s', async (path) => {
    const bodies: [string, string, boolean][] = [
      [form, `state=${'a'.repeat(2 ** 20)}`, true],
      [form, `state=${'a'.repeat(2 ** 17)}`, false],
      [form, 'a&'.repeat(100_000), true],
      ['application/json', '['.repeat(25_000) + ']'.repeat(25_000), true],
    ];
    for (const [type, body, declared] of bodies) {
      const headers = { 'content-type': type, ...(declared ? { 'content-length': String(body.length) } : {}) };
      const { response } = await send(idp.origin, { path, method: 'POST', headers }, body);
      expect(String(response.statusCode)).toMatch(/^4/);
    }
    expect((await fetch(`${idp.origin}/health/live`)).status).toBe(200);
  });
});

/** A request exactly as written: `fetch` would mend it. */
async function send(origin: string, options: RequestOptions, body?: string) {
  const { hostname, port } = new URL(origin);
  const request = httpRequest({ hostname, port, agent: false, ...options });
  request.on('error', () => {}); // the server may hang up on the rest of a body it refused
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { response, body: await text(response).catch(() => '') };
}

function twice(params: Record<string, string>, name: string): URLSearchParams {
  const doubled = new URLSearchParams(params);
  doubled.append(name, params[name] ?? 'x');
  if (!(name in params)) doubled.append(name, 'x');
  return doubled;
}
