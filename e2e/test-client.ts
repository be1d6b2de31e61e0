import { randomBytes } from 'node:crypto';
import type { APIRequestContext, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import * as oidc from 'openid-client';
import type { Portcullis } from './command-line.ts';
import { withFile } from './people.ts';
import type { Stack } from './stack.ts';

export type Tokens = Awaited<ReturnType<TestClient['exchange']>>;

/** Nothing listens there: what the browser would be sent with is read from the redirect. */
const redirectUri = 'http://127.0.0.1:9/callback';
const family = 'urn:portcullis:family';

export type Declaration = { id: string; redirectUris: string[]; [setting: string]: unknown };

/** Declares a client as an operator would and waits until every node of the provider knows it. */
export function declare(stack: Stack, portcullis: Portcullis, declaration: Declaration): Promise<void> {
  return declareAll(stack, portcullis, [declaration]);
}

/** All of them in one go. */
export async function declareAll(stack: Stack, portcullis: Portcullis, declarations: Declaration[]): Promise<void> {
  const clients = declarations.map((declaration) => ({ name: declaration.id, firstParty: true, ...declaration }));
  const text = JSON.stringify({ clients });
  await withFile('clients.json', text, (file) => portcullis(['clients', 'apply', file]));
  const last = declarations.at(-1);
  // A request without a challenge is refused at the redirect URI, once there is a client to redirect to.
  const query = new URLSearchParams({
    client_id: String(last?.id),
    redirect_uri: String(last?.redirectUris[0]),
    response_type: 'code',
  });
  const ask = async () => (await fetch(`${stack.urls.idp}/auth?${query}`, { redirect: 'manual' })).status;
  await expect.poll(() => Promise.all([ask(), ask(), ask()])).toEqual([303, 303, 303]);
}

/** A client of our own, so that a journey sees tokens, which the applications never show. */
export async function declareClient(
  stack: Stack,
  portcullis: Portcullis,
  over: Partial<Declaration> = {},
): Promise<TestClient> {
  const id = `journey-${randomBytes(6).toString('hex')}`;
  const secret = randomBytes(32).toString('hex');
  await declare(stack, portcullis, {
    id,
    type: 'confidential',
    secrets: [secret],
    redirectUris: [redirectUri],
    scope: 'openid profile email offline_access family',
    resources: [family],
    ...over,
  });
  const configuration = await oidc.discovery(new URL(stack.urls.idp), id, secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  return new TestClient(configuration);
}

export class TestClient {
  readonly configuration: oidc.Configuration;

  constructor(configuration: oidc.Configuration) {
    this.configuration = configuration;
  }

  /** Where the provider sends a browser with these cookies: to us, with a code or an error, or to the sign-in page. */
  async authorize(browser: APIRequestContext, over: Record<string, string> = {}): Promise<Answer> {
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(this.configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email family',
      resource: family,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...over,
    });
    const response = await browser.get(url.href, { maxRedirects: 0 });
    return { url: new URL(response.headers()['location'] ?? '', url), verifier };
  }

  async exchange({ url, verifier }: Answer, resource = family) {
    return oidc.authorizationCodeGrant(this.configuration, url, { pkceCodeVerifier: verifier }, { resource });
  }

  /** Where a page comes back to us, by what is done on it from now on. */
  async comesBack(page: Page): Promise<URL> {
    return new URL((await page.waitForRequest((request) => request.url().startsWith(redirectUri))).url());
  }

  /** Tokens for whoever is signed in at the provider in this browser. */
  async tokens(browser: APIRequestContext, over: Record<string, string> = {}): Promise<Tokens> {
    return this.exchange(await this.authorize(browser, over), over['resource']);
  }

  async refresh(refreshToken: string | undefined) {
    return oidc.refreshTokenGrant(this.configuration, String(refreshToken), { resource: family });
  }
}

export type Answer = { url: URL; verifier: string };

/** What an API of the family answers to a bearer token. */
export async function statusAt(url: string, token: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}

/** The APIs that any token of the family opens. */
export function familyApis({ urls }: Pick<Stack, 'urls'>): string[] {
  return [`${urls.shop}/api/orders`, `${urls.forum}/api/threads`, `${urls.forum}/api/posts`];
}

/** The error code with which a token request was refused, as a value. */
export async function refusalOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'granted';
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) return error.error;
    throw error;
  }
}
