import { Secret } from '@portcullis/config';
import { createCsrf, createKoa, createLog, listen } from '@portcullis/http';
import { unique } from '@portcullis/testing';
import type { Context } from 'koa';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type House, openHouse, rightPassword } from '#accounts/test/house.ts';
import type { InteractionState, Interactions, WaitingInteraction } from '#protocol/interactions.ts';
import type { Limits } from '#rate-limit/throttle.ts';
import { createPages } from '#views/index.ts';
import { createRefusals } from './refusals.ts';
import { signInRoutes } from './routes.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const waiting: WaitingInteraction = {
  state: 'waiting',
  uid: 'abc',
  prompt: 'login',
  client: {
    id: 'shop',
    name: '<Shop>',
    logoUrl: 'https://shop.example/logo.png',
    uri: 'https://shop.example',
    firstParty: true,
  },
  redirectUri: 'https://shop.example/callback',
  loginHint: null,
  scopes: ['openid'],
  uiLocales: null,
  signedInAs: null,
  reauthenticate: false,
  stepUp: false,
  chooseAccount: false,
  demands: {},
};

const expired: InteractionState = { state: 'expired', back: { name: 'Shop', url: 'https://shop.example' } };

/** The pages on a real server; only what the protocol would say is told by the test. */
async function pages(
  o: {
    state?: InteractionState;
    states?: InteractionState[];
    limits?: Limits;
    maxInFlight?: number;
    maxQueued?: number;
  } = {},
) {
  const signedIn: Parameters<Interactions['signIn']>[1][] = [];
  const leave = (ctx: Context, to: string) => {
    ctx.status = 303;
    ctx.redirect(to);
    return Promise.resolve();
  };
  const states = [...(o.states ?? [o.state ?? waiting])];
  const interactions: Pick<Interactions, 'current' | 'signIn' | 'cancel'> = {
    current: () => Promise.resolve((states.length > 1 ? states.shift() : states[0]) ?? waiting),
    signIn: (ctx, login) => {
      signedIn.push(login);
      return leave(ctx, '/auth/abc');
    },
    cancel: (ctx) => leave(ctx, 'https://shop.example/callback?error=access_denied'),
  };
  const { accounts, lookup, passwords, verified, redis } = await house.node(o);
  const { render, problem } = createPages();
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    https: false,
    errorPage: problem,
  });
  const csrf = createCsrf({
    key: new Secret('test-key-test-key-test-key-test-key'),
    origin: 'http://localhost',
    cookie: { name: 'portcullis_browser', secure: false },
  });
  koa.use(
    signInRoutes({
      interactions,
      accounts,
      lookup,
      refusals: createRefusals(redis),
      csrf,
      render,
      withEm: house.withEm,
    }).routes(),
  );
  const server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
  return {
    open,
    post,
    signedIn,
    passwords,
    verified,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  async function open(headers: Record<string, string> = {}) {
    const response = await fetch(`${server.url}/sign-in/abc`, { headers });
    const html = await response.text();
    const cookie = String(response.headers.get('set-cookie')).split(';')[0] ?? '';
    return { response, html, cookie, csrf: /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '' };
  }

  /** Opens the page, sends its form and, where the answer leads back to the page, reads that, as a browser would. */
  async function post(fields: Record<string, string>, path = '') {
    const form = await open();
    const headers = { cookie: form.cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' };
    const answer = await fetch(`${server.url}/sign-in/abc${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams({ csrf: form.csrf, ...fields }),
    });
    const refused = answer.headers.get('location') === '/sign-in/abc';
    return { answer, ...(refused ? await open(headers) : { response: answer, html: await answer.text() }) };
  }
}

test('the page names the application, escaped, and lets a password manager fill it in', async () => {
  await using idp = await pages();

  const { response, html } = await idp.open();

  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(html).toContain('&lt;Shop&gt;');
  expect(html).not.toContain('<Shop>');
  expect(html).toContain('src="https://shop.example/logo.png"');
  expect(html).toMatch(/name="email"[^>]*autocomplete="username"/);
  expect(html).toMatch(/name="password"[^>]*autocomplete="current-password"/);
});

test('R-60: this page may show the logo and lead to the application, and nothing else', async () => {
  await using idp = await pages();

  const policy = (await idp.open()).response.headers.get('content-security-policy');

  expect(policy).toContain('img-src https://shop.example ');
  expect(policy).toMatch(/form-action (?:\S+ )*https:\/\/shop\.example[ ;]/);
  expect(policy).toContain("default-src 'none'");
});

test('R-20: the right password leads on with 303, and says whether to stay signed in', async () => {
  await using idp = await pages();
  const { id, email } = await house.person();

  const { response } = await idp.post({ email, password: rightPassword, remember: 'yes' });
  await idp.post({ email, password: rightPassword });

  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/auth/abc');
  const login = { accountId: id, checkedAt: expect.any(Date), amr: ['pwd'], acr: 'urn:portcullis:acr:password' };
  expect(idp.signedIn).toEqual([
    { ...login, remember: true },
    { ...login, remember: false },
  ]);
});

test('A-02: a known and an unknown address get the same status, headers and bytes, for a hash each', async () => {
  await using idp = await pages();
  const known = (await house.person()).email;
  const unknown = `${unique('person')}@example.org`;

  const one = await idp.post({ email: known, password: 'wrong horse battery' });
  const other = await idp.post({ email: unknown, password: 'wrong horse battery' });

  const headersOf = ({ headers }: Response) =>
    [...headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name));
  const comparable = ({ answer, response, html }: typeof one, email: string) => ({
    answer: [answer.status, headersOf(answer)],
    status: response.status,
    headers: headersOf(response),
    html: html.replaceAll(email, 'EMAIL').replace(/name="csrf" value="[^"]+"/g, 'CSRF'),
  });
  expect(comparable(one, known)).toEqual(comparable(other, unknown));
  expect(one.response.status).toBe(422);
  expect(one.html).toContain('do not go together');
  expect(one.html).not.toContain('wrong horse');
  expect(idp.verified).toEqual([expect.stringMatching(/^\$argon2id/), undefined]);
});

test('R-44: past the limit the page says how long to wait, with 429 and Retry-After, to the right password too', async () => {
  await using idp = await pages({ limits: { account: 1, address: 100 } });
  const { email } = await house.person();
  await idp.post({ email, password: 'wrong horse battery' });

  const { response, html } = await idp.post({ email, password: rightPassword });

  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(800);
  expect(html).toContain('Please try again in 15 minutes.');
  expect(html).toContain(`value="${email}"`);
});

test('A-18: when the node is busy the page says so with 503 and Retry-After', async () => {
  await using idp = await pages({ maxInFlight: 1, maxQueued: 0 });
  const { email } = await house.person();
  let done = false;
  const keepBusy = (async () => {
    while (!done) await idp.passwords.hash(rightPassword);
  })();

  const { response, html } = await idp.post({ email, password: rightPassword });
  done = true;
  await keepBusy;

  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(html).toContain('Please try again in 2 seconds.');
});

test('a banned person is told why and until when, after the right password only', async () => {
  await using idp = await pages();
  const { id, email } = await house.person();
  house.bans.set(id, { message: 'You sold a bridge.', until: new Date('2027-01-02T03:04:00Z') });

  const wrong = await idp.post({ email, password: 'wrong horse battery' });
  const right = await idp.post({ email, password: rightPassword });

  expect(wrong.html).not.toContain('bridge');
  expect(right.response.status).toBe(403);
  expect(right.html).toContain('You sold a bridge.');
  expect(right.html).toContain('2 January 2027');
  expect(idp.signedIn).toEqual([]);
});

test.each([
  ['that idled on the page', [waiting, expired]],
  ['opened again with the back button', [expired]],
])('a sign-in %s offers the way back', async (_, states) => {
  await using idp = await pages({ states });
  const { email } = await house.person();

  const { response, html } = states.length > 1 ? await idp.post({ email, password: rightPassword }) : await idp.open();

  expect(response.status).toBe(410);
  expect(html).toContain('That took too long');
  expect(html).toContain('href="https://shop.example"');
  expect(idp.verified).toEqual([]);
});

test('an expired sign-in without a known application still leads somewhere', async () => {
  await using idp = await pages({ state: { state: 'expired', back: null } });

  expect((await idp.open()).html).toContain('href="/"');
});

test('cancelling goes back to the application', async () => {
  await using idp = await pages();

  const { response } = await idp.post({}, '/cancel');

  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toContain('error=access_denied');
});

test('R-20: a refusal is a redirect to the page, which says it once: reloaded, it is the form again', async () => {
  await using idp = await pages();
  const { email } = await house.person();

  const { answer, html } = await idp.post({ email, password: 'wrong horse battery' });

  expect(answer.status).toBe(303);
  expect(html).toContain('do not go together');
  expect((await idp.open()).html).not.toContain('do not go together');
});

test('the form half filled in comes back with what was typed', async () => {
  await using idp = await pages();

  const { response, html } = await idp.post({ email: 'half@example.org', password: '', remember: 'yes' });

  expect(response.status).toBe(422);
  expect(html).toContain('Enter your email and your password.');
  expect(html).toContain('value="half@example.org"');
  expect(html).toMatch(/name="remember"[^>]*checked/);
});

test.each([
  ['without a token', { csrf: '' }],
  ['with a foreign token', { csrf: 'x'.repeat(43) }],
])('R-61: a form %s tests no password', async (_, token) => {
  await using idp = await pages();
  const { email } = await house.person();

  const { response } = await idp.post({ email, password: rightPassword, ...token });

  expect(response.status).toBe(403);
  expect(idp.verified).toEqual([]);
});

test('confirming shows the address of who is signed in, and a hint fills it in for a stranger', async () => {
  const { id, email } = await house.person();
  await using confirming = await pages({ state: { ...waiting, signedInAs: id, reauthenticate: true } });
  await using hinted = await pages({ state: { ...waiting, loginHint: 'hint@example.org' } });

  expect((await confirming.open()).html).toMatch(new RegExp(`Confirm that it is you[^]*value="${email}"`));
  expect((await hinted.open()).html).toContain('value="hint@example.org"');
});
