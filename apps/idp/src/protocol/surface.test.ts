import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acrValues } from '#sign-in/assurance.ts';
import { authorizationRequest, callback, hiddenField, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let client: string;
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare({ grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test.each(['openid-configuration', 'oauth-authorization-server'])(
  'R-08: %s lists exactly what there is, under the issuer',
  async (name) => {
    const { issuer } = idp;
    const response = await fetch(`${issuer}/.well-known/${name}`);
    const { id_token_signing_alg_values_supported: algorithms, ...document } = (await response.json()) as Record<
      string,
      unknown
    >;
    expect(algorithms).toHaveLength(2);
    expect(algorithms).toEqual(expect.arrayContaining(['ES256', 'RS256']));
    expect(document).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/me`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/session/end`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      revocation_endpoint: `${issuer}/token/revocation`,
      introspection_endpoint: `${issuer}/token/introspection`,
      pushed_authorization_request_endpoint: `${issuer}/request`,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      subject_types_supported: ['public'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      acr_values_supported: [...acrValues],
      claims_supported: expect.arrayContaining([
        'sub',
        'name',
        'roles',
        'email',
        'email_verified',
        'auth_time',
        'acr',
        'amr',
        'sid',
      ]),
      claim_types_supported: ['normal'],
      claims_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
  },
);

describe('R-08: what was taken out is refused', () => {
  test.each([
    'token',
    'id_token',
    'id_token token',
    'code id_token',
    'code token',
    'code id_token token',
    'none',
    'CODE',
  ])('response type %s (implicit, hybrid and others)', async (response_type) => {
    const answer = await errorOf({ response_type });
    expect(answer).toMatchObject({ error: 'unsupported_response_type', iss: idp.issuer });
  });

  test.each(['fragment', 'web_message', 'jwt', 'query.jwt', 'form_post.jwt', 'FORM_POST'])(
    'response mode %s',
    async (response_mode) => {
      const answer = await errorOf({ response_mode });
      expect(['unsupported_response_mode', 'invalid_request']).toContain(answer['error']);
      expect(answer['iss']).toBe(idp.issuer);
    },
  );

  test('response mode fragment, whatever the response type is written like (R-08)', async () => {
    const { params } = authorizationRequest(client, { response_mode: 'fragment', response_type: 'code code' });
    const { url } = await idp.browser().signIn({ clientId: client, verifier: '', params }, (await idp.person()).email);
    expect(url.href).toContain('error=invalid_request');
    expect(url.href).not.toContain('code=');
  });

  test.each([
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:openid:params:grant-type:ciba',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:pre-authorized_code',
  ])('grant type %s', async (grant_type) => {
    const { status, body } = await idp.token(client, { grant_type, username: 'a', password: 'b', device_code: 'c' });
    expect([status, body['error']]).toEqual([400, 'unsupported_grant_type']);
  });

  test.each([
    ['request', 'request_not_supported'],
    ['request_uri', 'request_uri_not_supported'],
    ['registration', 'registration_not_supported'],
  ])('parameter %s (R-18)', async (name, error) => {
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ redirect_uri: 'https://evil.example' }))}.`;
    const values: Record<string, string> = {
      request: unsigned,
      request_uri: 'https://evil.example/r',
      registration: '{}',
    };
    expect(await errorOf({ [name]: values[name] ?? '' })).toMatchObject({ error, iss: idp.issuer });
  });

  test.each(['/device', '/device/auth', '/backchannel', '/reg', '/challenge', '/interaction/x'])(
    'endpoint %s',
    async (path) => {
      for (const method of ['GET', 'POST']) expect((await fetch(idp.issuer + path, { method })).status).toBe(404);
    },
  );
});

describe('R-09: an authorization error names its issuer', () => {
  test.each<[string, Record<string, string>]>([
    ['login_required', { prompt: 'none' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { prompt: 'none login' }],
    ['invalid_request', { response_type: '' }],
    ['invalid_request', { max_age: '-1' }],
    ['invalid_target', { resource: 'urn:somebody:else' }],
    ['invalid_request', { id_token_hint: 'not.a.token' }],
  ])('%s after %j', async (error, over) => {
    const { params } = authorizationRequest(client, over);
    const { url } = await idp.browser().authorize({ clientId: client, verifier: '', params });
    expect(url.href.startsWith(`${callback}?`)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ error, iss: idp.issuer, state: params['state'] });
    expect(url.searchParams.has('code')).toBe(false);
  });

  test('by form_post too', async () => {
    const page = await idp
      .browser()
      .authorize(authorizationRequest(client, { prompt: 'none', response_mode: 'form_post' }));
    expect(hiddenField(page.text, 'error')).toBe('login_required');
    expect(hiddenField(page.text, 'iss')).toBe(idp.issuer);
  });

  test('when the person cancels', async () => {
    const browser = idp.browser();
    const request = authorizationRequest(client);
    const page = await browser.authorize(request);
    const { url } = await browser.post(`${page.url.href}/cancel`, { csrf: hiddenField(page.text, 'csrf') });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      error: 'access_denied',
      iss: idp.issuer,
      state: request.params['state'],
    });
  });
});

/** What the application is told; nothing was asked of the person. */
async function errorOf(over: Record<string, string>): Promise<Record<string, string>> {
  const { params } = authorizationRequest(client, { prompt: 'none', ...over });
  const { url, response } = await idp.browser().authorize({ clientId: client, verifier: '', params });
  expect(response.status).toBeLessThan(400);
  expect(url.origin + url.pathname).toBe(callback);
  return Object.fromEntries(new URLSearchParams(url.search || url.hash.slice(1)));
}
