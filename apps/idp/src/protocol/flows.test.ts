import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, callback, claimsOf, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('a sign-in ends at the application with a code that is worth an RFC 9068 access token and an ID token', async () => {
  const client = await idp.declare();
  const { id, email } = await idp.person();
  const request = authorizationRequest(client);

  const { url } = await idp.browser().signIn(request, email);
  expect(url.href).toMatch(callback);
  expect(url.searchParams.get('iss')).toBe(idp.issuer);
  expect(url.searchParams.get('state')).toBe(request.params['state']);

  const { status, body } = await idp.token(client, {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: callback,
    code_verifier: request.verifier,
  });
  expect([status, body]).toMatchObject([200, { token_type: 'Bearer', expires_in: 300 }]);
  const access = claimsOf(body['access_token']);
  expect(access).toMatchObject({
    iss: idp.issuer,
    sub: id,
    aud: 'urn:portcullis:family',
    client_id: client,
    scope: 'family',
    roles: [],
    acr: 'urn:portcullis:acr:password',
  });
  expect(Number(access['exp']) - Number(access['iat'])).toBe(300);
  const idToken = claimsOf(body['id_token']);
  expect(idToken).toMatchObject({
    sub: id,
    aud: client,
    nonce: request.params['nonce'],
    sid: access['sid'],
    name: 'A person',
    email,
  });
  expect(access['sid']).toMatch(/^[\w-]+\.[\w-]{16}$/);
});
