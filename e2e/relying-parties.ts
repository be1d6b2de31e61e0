import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request } from 'express';
import * as oidc from 'openid-client';
import OpenIDConnectStrategy from 'passport-openidconnect';

/** Applications as somebody else would write them: each on a library of its own, unmodified, and told nothing but the issuer. */
export type Registered = { issuer: string; id: string; secret: string };
export type RunningApplication = { url: string; stop: () => Promise<void> };

const scope = 'openid profile email';

/** What the pages of these applications show of the person: what userinfo said. */
const shown = (claims: unknown) => `<h1>Welcome</h1><output>${JSON.stringify(claims)}</output>`;

export async function withOpenidClient(app: Express, url: string, { issuer, id, secret }: Registered): Promise<void> {
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const configuration = await oidc.discovery(new URL(issuer), id, secret, undefined, insecure);
  const underWay = new Map<string, { verifier: string; nonce: string }>();

  app.get('/sign-in', async (_request, response) => {
    const [state, verifier, nonce] = [oidc.randomState(), oidc.randomPKCECodeVerifier(), oidc.randomNonce()];
    underWay.set(state, { verifier, nonce });
    const target = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${url}/callback`,
      scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    response.redirect(target.href);
  });

  app.get('/callback', async (request, response) => {
    const state = new URL(request.url, url).searchParams.get('state') ?? '';
    const begun = underWay.get(state);
    if (!begun) throw new Error('this sign-in was not begun here');
    const answer = oidc.authorizationCodeGrant(configuration, new URL(request.url, url), {
      expectedState: state,
      expectedNonce: begun.nonce,
      pkceCodeVerifier: begun.verifier,
      idTokenExpected: true,
    });
    const tokens = await answer.catch((error: unknown) => {
      if (error instanceof oidc.AuthorizationResponseError) return error;
      throw error;
    });
    if (tokens instanceof oidc.AuthorizationResponseError)
      return void response.send(`<h1>Refused</h1><output>${tokens.error}</output>`);
    const { sub = '' } = tokens.claims() ?? {};
    response.send(shown(await oidc.fetchUserInfo(configuration, tokens.access_token, sub)));
  });
}

export async function withPassport(app: Express, url: string, { issuer, id, secret }: Registered): Promise<void> {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  const metadata = (await answer.json()) as Record<string, string>;
  const strategy = new OpenIDConnectStrategy(
    {
      issuer,
      authorizationURL: String(metadata['authorization_endpoint']),
      tokenURL: String(metadata['token_endpoint']),
      userInfoURL: String(metadata['userinfo_endpoint']),
      clientID: id,
      clientSecret: secret,
      callbackURL: `${url}/callback`,
      scope: ['profile', 'email'],
      nonce: true,
      skipUserProfile: false, // read userinfo
    },
    (_issuer, profile, verified) => verified(null, profile),
  );
  const sessions = new Map<string, object>();

  app.use((request, response, next) => {
    const key = /journey=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID();
    if (!sessions.has(key)) sessions.set(key, {});
    response.cookie('journey', key, { httpOnly: true, sameSite: 'lax' });
    next(void Object.assign(request, { session: sessions.get(key) }));
  });
  app.get(['/sign-in', '/callback'], (request, response, next) => {
    // As passport itself runs a strategy: an instance for each request, with the outcomes as methods.
    const attempt = Object.create(strategy) as OpenIDConnectStrategy;
    attempt.redirect = (target) => response.redirect(target);
    attempt.success = (profile) => void response.send(shown(profile));
    attempt.fail = (challenge) => void response.status(403).send(JSON.stringify(challenge));
    attempt.error = next;
    attempt.authenticate(request as Request & { session: object });
  });
}

/** A page that is a public client itself: the library runs in the browser. */
export async function withOidcClientTs(app: Express, url: string, { issuer, id }: Registered): Promise<void> {
  const require = createRequire(import.meta.url);
  const library = require.resolve('oidc-client-ts').replace('umd/oidc-client-ts.js', 'browser/oidc-client-ts.min.js');
  const settings = JSON.stringify({
    authority: issuer,
    client_id: id,
    redirect_uri: `${url}/callback`,
    scope,
    loadUserInfo: true,
  });
  app.get('/library.js', (_request, response) => response.sendFile(library));
  app.get(['/', '/callback'], (_request, response) => {
    response.send(`<!doctype html><title>A page</title><button>Sign in</button><main></main>
      <script src="/library.js"></script>
      <script>
        const manager = new oidc.UserManager(${settings});
        document.querySelector('button').onclick = () => manager.signinRedirect();
        const show = (text) => (document.querySelector('main').innerHTML = '<h1></h1><output></output>') &&
          (([document.querySelector('h1').textContent, document.querySelector('output').textContent] = text));
        if (location.pathname === '/callback') manager.signinCallback().then(
          (user) => show(['Welcome', JSON.stringify(user.profile)]), (error) => show(['Refused', String(error)]));
      </script>`);
  });
}

/** Listens first, for the address is part of what is registered; then the library is set up. */
export async function run(
  register: (url: string) => Promise<Registered>,
  build: (app: Express, url: string, registered: Registered) => Promise<void>,
): Promise<RunningApplication> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await build(app, url, await register(url));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, stop };
}
