import { createPublicKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { openFamily, type TestApp } from './test-app.ts';
import { clientId, testKey } from './test-provider.ts';

const { provider, app } = await openFamily();

const nobody = async (browser: ReturnType<TestApp['browser']>) => (await browser.get('/')).text;

const now = () => Math.floor(Date.now() / 1000);
const change = (over: Record<string, unknown>) => (claims: Record<string, unknown>) =>
  provider.signed({ ...claims, ...over });

const badIdTokens: Record<string, [(claims: Record<string, unknown>) => Promise<string> | string, string]> = {
  'iss of another': [change({ iss: 'https://evil.example' }), 'token_not_trusted'],
  'iss missing': [change({ iss: undefined }), 'token_not_trusted'],
  'aud of another': [change({ aud: 'forum' }), 'token_not_trusted'],
  'aud missing': [change({ aud: undefined }), 'token_not_trusted'],
  'aud several without azp': [change({ aud: [clientId, 'forum'] }), 'token_not_trusted'],
  'azp of another': [change({ azp: 'forum' }), 'token_not_trusted'],
  'sub missing': [change({ sub: undefined }), 'token_not_trusted'],
  'sub other than in the access token': [change({ sub: 'mallory' }), 'token_not_trusted'],
  'sid other than in the access token': [change({ sid: 'other.shop' }), 'token_not_trusted'],
  'iat missing': [change({ iat: undefined }), 'token_not_trusted'],
  'iat two minutes ago: a clock is off': [(c) => provider.signed({ ...c, iat: now() - 120 }), 'clock_off'],
  'iat in two minutes: a clock is off': [(c) => provider.signed({ ...c, iat: now() + 120 }), 'clock_off'],
  expired: [(c) => provider.signed({ ...c, exp: now() - 60 }), 'clock_off'],
  'exp missing': [change({ exp: undefined }), 'token_not_trusted'],
  'nonce of another': [change({ nonce: 'n'.repeat(43) }), 'token_not_trusted'],
  'nonce missing': [change({ nonce: undefined }), 'token_not_trusted'],
  'bad signature': [
    async (claims) => (await provider.signed(claims)).replace(/[^.]+$/, Buffer.alloc(64, 7).toString('base64url')),
    'token_not_trusted',
  ],
  'signed by a stranger': [
    async (claims) => provider.signed(claims, {}, (await testKey('key-1')).privateKey),
    'token_not_trusted',
  ],
  'alg none': [
    (claims) => {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${encode({ alg: 'none' })}.${encode(claims)}.`;
    },
    'token_not_trusted',
  ],
  'RS256 with a published key': [
    async (claims) => {
      const rsa = await testKey('rsa-1', 'RS256');
      provider.state.keys = [provider.key.publicJwk, rsa.publicJwk];
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'rsa-1' }).sign(rsa.privateKey);
    },
    'token_not_trusted',
  ],
  'HS256 with the public key': [
    (claims) => {
      const secret = createPublicKey({ key: provider.key.publicJwk, format: 'jwk' }).export({
        type: 'spki',
        format: 'der',
      });
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    },
    'token_not_trusted',
  ],
  'kid unknown': [(claims) => provider.signed(claims, { kid: 'nobody' }), 'token_not_trusted'],
  'not a token': [() => 'x', 'token_not_trusted'],
};

test.for(Object.entries(badIdTokens))('RP list: an ID token is refused: %s', async ([, [forge, code]]) => {
  provider.state.idToken = async (claims) => forge(claims);
  const browser = app.browser();

  const answer = await browser.signIn();

  expect(answer.text).toContain(`<code>${code}</code>`);
  expect(answer.status).toBe(503);
  expect(await nobody(browser)).toBe('nobody');
});

const badAccessTokens: Record<string, (claims: Record<string, unknown>) => Promise<string>> = {
  'for another audience': (claims) => provider.signed({ ...claims, aud: 'urn:other' }, { typ: 'at+jwt' }),
  'of another client': (claims) => provider.signed({ ...claims, client_id: 'forum' }, { typ: 'at+jwt' }),
  'of another person': (claims) => provider.signed({ ...claims, sub: 'mallory' }, { typ: 'at+jwt' }),
  'that is an ID token': (claims) => provider.signed(claims),
  'that is opaque': async () => 'opaque',
};

test.for(Object.entries(badAccessTokens))('RP list: an access token is refused: %s', async ([, forge]) => {
  provider.state.accessToken = forge;
  const browser = app.browser();

  expect((await browser.signIn()).text).toContain('<code>token_not_trusted</code>');
  expect(await nobody(browser)).toBe('nobody');
});

const edited = (edit: (params: URLSearchParams) => void) => (params: URLSearchParams) => {
  edit(params);
  return params;
};
const badAnswers: Record<string, (params: URLSearchParams) => URLSearchParams> = {
  'iss missing': edited((p) => p.delete('iss')),
  'A-08 iss of another provider (mix-up)': edited((p) => p.set('iss', 'https://evil.example')),
  'iss with a slash more': edited((p) => p.set('iss', `${p.get('iss')}/`)),
  'iss twice': edited((p) => p.append('iss', 'https://evil.example')),
  'state missing': edited((p) => p.delete('state')),
  'state altered': edited((p) => p.set('state', 'x'.repeat(43))),
  'state twice': edited((p) => p.append('state', 'x')),
  'code missing': edited((p) => p.delete('code')),
  'code twice': edited((p) => p.append('code', 'x')),
  'an ID token in the answer': edited((p) => p.set('id_token', 'a.b.c')),
};

test.for(Object.entries(badAnswers))('RP list: an answer is refused, no code sent anywhere: %s', async ([, edit]) => {
  provider.state.answer = edit;
  const browser = app.browser();

  const answer = await browser.signIn();

  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(provider.state.codesRedeemed).toBe(0);
  expect(await nobody(browser)).toBe('nobody');
});
