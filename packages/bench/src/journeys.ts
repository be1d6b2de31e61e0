import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'undici';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Answer, Browser } from './browser.ts';
import { accessTokenSeconds, password, redirectUri, resource, serviceClient, webClient } from './contestants.ts';
import { readSignInForm, type SignInForm } from './sign-in-form.ts';
import type { Target } from './target.ts';

export type Tokens = { access_token: string; id_token?: string; refresh_token?: string };
type Journey = { state: string; nonce: string; verifier: string };

/** One signature in this many is verified for real; the rest are read, so the driver stays light. */
const VERIFIED_SHARE = 100;

/** What a client of either server does, step by step. Every step throws on an answer that is not the right one. */
export function createJourneys(pool: Pool, { issuer, endpoints }: Target) {
  const keys = createRemoteJWKSet(new URL(endpoints.jwks));
  let seen = 0;
  return { signIn, openSignIn, postPassword, postRightPassword, hop, refresh, clientCredentials };

  /** From the application, through the sign-in page with the right password, back with tokens. */
  async function signIn(browser: Browser, email: string): Promise<Tokens> {
    const { journey, form } = await openSignIn(browser);
    const resumed = await browser.request(await postRightPassword(browser, form, email));
    return redeem(codeFrom(resumed, journey), journey);
  }

  async function openSignIn(browser: Browser) {
    const journey = startJourney();
    const asked = await browser.request(authorizationUrl(journey));
    if (asked.status !== 303 || !asked.location?.href.startsWith(issuer)) throw wrong('authorization', asked);
    const page = await browser.request(asked.location);
    if (page.status !== 200) throw wrong('sign-in page', page);
    const form = readSignInForm(page.body);
    return { journey, form: { ...form, action: new URL(form.action, asked.location).href } };
  }

  /** Answers where the browser is sent next. */
  async function postRightPassword(browser: Browser, form: SignInForm, email: string): Promise<URL> {
    const posted = await postPassword(browser, form, email, password);
    if (posted.status !== 303 || !posted.location) throw wrong('sign-in', posted);
    return posted.location;
  }

  function postPassword(browser: Browser, form: SignInForm, email: string, typed: string): Promise<Answer> {
    const fields = { ...form.fields, [form.emailField]: email, [form.passwordField]: typed };
    return browser.request(form.action, fields);
  }

  /** Single sign-on: the session cookie is all it takes. */
  async function hop(browser: Browser): Promise<Tokens> {
    const journey = startJourney();
    const answer = await browser.request(authorizationUrl(journey));
    return redeem(codeFrom(answer, journey), journey);
  }

  async function refresh(token: string): Promise<Tokens> {
    const tokens = await tokenRequest(webClient, {
      grant_type: 'refresh_token',
      refresh_token: token,
      resource,
    });
    if (!tokens.refresh_token || tokens.refresh_token === token) throw new Error('the refresh token was not rotated');
    return tokens;
  }

  function clientCredentials(): Promise<Tokens> {
    const { scope } = serviceClient;
    return tokenRequest(serviceClient, { grant_type: 'client_credentials', scope, resource });
  }

  async function redeem(code: string, { verifier, nonce }: Journey): Promise<Tokens> {
    const tokens = await tokenRequest(webClient, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      resource,
    });
    if (!tokens.refresh_token) throw new Error('the code brought no refresh token');
    const identity = tokens.id_token ? decodeJwt(tokens.id_token) : undefined;
    if (identity?.['nonce'] !== nonce) throw new Error('the code brought no ID token with our nonce');
    return tokens;
  }

  /** Asked by the application's own server, so without the browser's cookies and origin. */
  async function tokenRequest(client: { id: string; secret: string }, form: Record<string, string>): Promise<Tokens> {
    const { statusCode: status, body } = await pool.request({
      path: new URL(endpoints.token).pathname,
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(form).toString(),
    });
    const answer = await body.text();
    if (status !== 200) throw wrong('token', { status, location: null, body: answer });
    const tokens = JSON.parse(answer) as Tokens;
    await checkAccessToken(tokens.access_token, client.id);
    return tokens;
  }

  async function checkAccessToken(token: string, clientId: string): Promise<void> {
    const { alg, typ } = decodeProtectedHeader(token);
    const { iss, aud, client_id, iat = 0, exp = 0 } = decodeJwt(token);
    const right = alg === 'ES256' && typ === 'at+jwt' && iss === issuer && aud === resource && client_id === clientId;
    const missing = accessTokenSeconds - (exp - iat); // a second may end between the two
    if (!right || missing < 0 || missing > 1) throw new Error(`a wrong access token: ${token}`);
    if (seen++ % VERIFIED_SHARE === 0) await jwtVerify(token, keys, { issuer, audience: resource, typ: 'at+jwt' });
  }

  function codeFrom(answer: Answer, { state }: Journey): string {
    const code = answer.location?.searchParams.get('code');
    const right =
      answer.status === 303 &&
      answer.location?.href.startsWith(redirectUri) &&
      answer.location.searchParams.get('state') === state &&
      answer.location.searchParams.get('iss') === issuer;
    if (!right || !code) throw wrong('authorization', answer);
    return code;
  }

  function authorizationUrl({ state, nonce, verifier }: Journey): string {
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: webClient.id,
      redirect_uri: redirectUri,
      scope: webClient.scope,
      resource,
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return `${endpoints.authorization}?${parameters.toString()}`;
  }
}

function startJourney(): Journey {
  const random = randomBytes(64).toString('base64url');
  return { state: random.slice(0, 20), nonce: random.slice(20, 40), verifier: random.slice(40) };
}

function wrong(where: string, { status, location, body }: Answer): Error {
  return new Error(`${where}: a wrong answer, ${status} ${location?.href ?? ''}\n${body.slice(0, 2_000)}`);
}
