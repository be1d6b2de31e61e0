import { randomUUID } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { createKoa, createLog, listen, readForm } from '@portcullis/http';
import { createVerifier } from '@portcullis/resource-server';
import { freePort } from '@portcullis/testing';
import type { Cause, Revocation, TokenClaims, Verdict } from '@portcullis/revocation';
import Router from '@koa/router';
import { afterAll, afterEach } from 'vitest';
import { createRelyingParty, type RelyingPartyOptions } from './relying-party.ts';
import { clientId, clientSecret, resource, startProvider, type TestProvider } from './test-provider.ts';

export const cookieKey = new Secret('a cookie key that is long enough for a test');

export type TestApp = Awaited<ReturnType<typeof startApp>>;

/** A provider and an application of its, for one file of tests; after each test they are as they were. */
export async function openFamily() {
  const provider = await startProvider();
  const app = await startApp(provider);
  const good = { ...provider.state };
  afterEach(() => {
    Object.assign(provider.state, { ...good, revoked: [] });
    app.says.verdict = { state: 'clear' };
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  return { provider, app };
}

/** A small application on the real kit and a real port; `mirror` is whatever the test needs it to say. */
export async function startApp(provider: Pick<TestProvider, 'url'>, over: Partial<RelyingPartyOptions> = {}) {
  const says: { verdict: Verdict; asked: TokenClaims[] } = { verdict: { state: 'clear' }, asked: [] };
  const mirror = over.mirror ?? {
    check(claims: TokenClaims) {
      says.asked.push(claims);
      return says.verdict;
    },
    add: () => {},
    onKeysChanged: () => () => {},
  };
  const verifier = createVerifier({ issuer: provider.url, audience: resource, mirror });
  const log = createLog({ name: 'test', level: 'silent' });
  const https = over.baseUrl?.startsWith('https') ?? false;
  const koa = createKoa({ log, trustedHops: 0, https, errorPage: (problem) => `<h1>${problem.title}</h1>` });
  const handlers = new Router();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rp = createRelyingParty({
    issuer: provider.url,
    clientId,
    clientSecret: new Secret(clientSecret),
    baseUrl: url,
    resource,
    scope: 'openid profile email offline_access family',
    cookie: { name: 'shop_session', keys: [cookieKey] },
    log,
    problemPage: ({ title, message, action, code }) =>
      `<h1>${title}</h1><p>${message}</p><a href="${action?.href ?? ''}">${action?.label ?? ''}</a><code>${code}</code>`,
    verifier,
    ...over,
    mirror,
  });
  handlers.get('/', (ctx) => void (ctx.body = ctx.state['session'] ?? 'nobody'));
  handlers.get('/private', rp.required, (ctx) => void (ctx.body = ctx.state['session']));
  handlers.get('/careful', rp.required, rp.stepUp({ maxAgeSeconds: 600 }), (ctx) => void (ctx.body = 'careful'));
  handlers.post('/careful', rp.stepUp({ maxAgeSeconds: 600, returnTo: () => '/careful' }), (ctx) => {
    ctx.body = 'careful';
  });
  handlers.get('/strong', rp.stepUp({ acrValues: ['urn:example:two', 'urn:example:three'] }), (ctx) => {
    ctx.body = 'strong';
  });
  handlers.get('/public', rp.silent, (ctx) => void (ctx.body = ctx.state['session'] ?? 'nobody'));
  handlers.get('/form', (ctx) => {
    ctx.type = 'html';
    ctx.body = `<input name="csrf" value="${rp.csrf.token(ctx)}">`;
  });
  handlers.post('/things', rp.required, readForm, rp.csrf.protect, (ctx) => void (ctx.body = 'done'));
  koa.use(rp.session);
  koa.use(rp.routes().routes());
  koa.use(handlers.routes());
  const server = await listen(koa, { port, host: '127.0.0.1', allowedHosts: [`127.0.0.1:${port}`] });
  return {
    url,
    says,
    rp,
    browser: (cookies?: Map<string, string>) => createBrowser(url, provider.url, cookies),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rp[Symbol.asyncDispose]();
    },
  };
}

export type Answer = { status: number; location: string | null; text: string; headers: Headers; setCookies: string[] };

/** Keeps cookies where a test can see and copy them, and follows no redirect unasked. */
function createBrowser(url: string, providerUrl: string, cookies = new Map<string, string>()) {
  return { cookies, get, post, answerOf, signIn, callback };

  async function request(path: string, init: RequestInit, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, url), {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html,*/*;q=0.8', ...(cookie && { cookie }), ...headers },
    });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const { status, headers: got } = response;
    return { status, location: got.get('location'), text: await response.text(), headers: got, setCookies };
  }

  function get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return request(path, {}, headers);
  }

  async function post(path: string, fields: Record<string, string> = {}): Promise<Answer> {
    const csrf = /value="([^"]+)"/.exec((await get('/form')).text)?.[1] ?? '';
    return request(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) }, { origin: url });
  }

  /** What the provider sends the browser back with. */
  async function answerOf(location: string | null): Promise<URL> {
    if (!location?.startsWith(providerUrl)) throw new Error(`not sent to the provider but to ${location}`);
    const response = await fetch(location, { redirect: 'manual' });
    return new URL(response.headers.get('location') ?? '');
  }

  function callback(answer: URL): Promise<Answer> {
    return request(answer.pathname + answer.search, {});
  }

  /** A whole sign-in; what the callback answered. */
  async function signIn(path = '/sign-in'): Promise<Answer> {
    const { location } = await get(path);
    return callback(await answerOf(location));
  }
}

/** Of everything that `alice` has. */
export function revocation(cause: Cause, over: Partial<Revocation> = {}): Revocation {
  return {
    id: randomUUID(),
    seq: 1,
    target: { kind: 'account', sub: 'alice' },
    issuedBefore: null,
    cause,
    recordedAt: Date.now(),
    expiresAt: null,
    ...over,
  };
}
