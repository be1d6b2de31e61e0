import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizationRequest,
  callback,
  claimsOf,
  exchange,
  hiddenField,
  mutilated,
  startIdp,
  type Browser,
  type TestIdp,
} from '#harness.ts';

let idp: TestIdp;
let client: string;
const session = '__Host-portcullis_session';
beforeAll(async () => {
  idp = await startIdp({ https: true });
  client = await idp.declare();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

describe('R-30: the session', () => {
  test('gets a new name in the browser when a visitor signs in, and the old one is nobody', async () => {
    const browser = idp.browser();
    await browser.go('/session/end'); // this page needs a session: that of a visitor
    const visitor = new Map(browser.cookies);
    expect(visitor.has(session)).toBe(true);
    await idp.tokens(client, {}, { browser });

    expect(browser.cookies.get(session)?.value).not.toBe(visitor.get(session)?.value);
    expect(await silently(browserWith(visitor))).toBe('login_required');
    expect(await silently(browser)).toBe('a code');
  });

  test('gets a new name when the person signs in again, and the old one is nobody', async () => {
    const { browser, account } = await idp.tokens(client);
    const before = new Map(browser.cookies);
    await browser.signIn(authorizationRequest(client, { prompt: 'login' }), account.email);
    expect(browser.cookies.get(session)?.value).not.toBe(before.get(session)?.value);
    expect(await silently(browserWith(before))).toBe('login_required');
    expect(await silently(browser)).toBe('a code');
  });

  test('of one person never becomes that of another: signing in as somebody else starts a new one', async () => {
    const { browser, access_token } = await idp.tokens(client);
    const request = authorizationRequest(client, { prompt: 'login' });
    const { url } = await browser.signIn(request, (await idp.person()).email);
    const { body } = await idp.token(client, exchange(request, url));
    const [one, other] = [access_token, body['access_token']].map((token) => String(claimsOf(token)['sid']).split('.'));
    expect(other?.[0]).not.toBe(one?.[0]);
  });
});

describe('R-30, A-03: a sign-in belongs to the browser that began it', () => {
  test('another browser sees neither its page nor its form nor its end', async () => {
    const [attacker, victim] = [idp.browser(), idp.browser()];
    const theirs = await attacker.authorize(authorizationRequest(client));
    const own = await victim.authorize(authorizationRequest(client));
    const { email } = await idp.person();

    expect((await victim.go(theirs.url.href)).response.status).toBe(410);
    const posted = await victim.post(theirs.url.href, { csrf: hiddenField(own.text, 'csrf'), email, password: 'x' });
    expect(posted.response.status).toBe(410);
    const resumed = await victim.go(theirs.url.pathname.replace('/sign-in/', '/auth/'));
    expect(resumed.response.status).toBe(400);
    expect(resumed.url.origin).toBe(idp.issuer);
    expect(await silently(attacker)).toBe('login_required');
    expect(await silently(victim)).toBe('login_required');
  });

  test('the link by which a signed-in attacker would go on signs nobody else in', async () => {
    const [attacker, victim] = [idp.browser(), idp.browser()];
    const page = await attacker.authorize(authorizationRequest(client));
    await attacker.submit(page, (await idp.person()).email);
    await victim.go(page.url.pathname.replace('/sign-in/', '/auth/'));
    expect(await silently(victim)).toBe('login_required');
  });

  test('a form with another browser’s CSRF token signs nobody in (A-03: login CSRF)', async () => {
    const [attacker, victim] = [idp.browser(), idp.browser()];
    const theirs = await attacker.authorize(authorizationRequest(client));
    const own = await victim.authorize(authorizationRequest(client));
    const { email } = await idp.person();
    const form = { csrf: hiddenField(theirs.text, 'csrf'), email, password: 'open-the-gate-please' };
    expect((await victim.post(own.url.href, form)).response.status).toBe(403);
    expect(await silently(victim)).toBe('login_required');
  });
});

describe('R-31: cookies of an https issuer', () => {
  test('are all Secure, HttpOnly, SameSite=Lax, without Domain, and named __Host- at the root, __Secure- below it', async () => {
    const { browser } = await idp.tokens(client);
    await browser.go('/session/end');
    const faults = browser.received.filter((line) => {
      const [name = '', ...attributes] = line.toLowerCase().split(/[;=] ?/);
      const path = /path=([^;]*)/i.exec(line)?.[1];
      const prefixed = path === '/' ? name.startsWith('__host-') : name.startsWith('__secure-');
      const flagged = ['secure', 'httponly', 'samesite', 'lax'].every((each) => attributes.includes(each));
      return !prefixed || !flagged || attributes.includes('domain');
    });
    expect(browser.received.length).toBeGreaterThan(6);
    expect(faults).toEqual([]);
  });

  test('are signed: a value without its signature, or with another, is ignored', async () => {
    const { browser } = await idp.tokens(client);
    const { value } = browser.cookies.get(session) ?? { value: '' };
    const other = (await idp.tokens(client)).browser.cookies.get(`${session}.sig`)?.value ?? '';
    expect(await silently(browserWith(new Map([[session, { value, path: '/' }]])))).toBe('login_required');
    expect(await silently(browserWith(cookies(value, other)))).toBe('login_required');
    expect(await silently(browser)).toBe('a code');
  });

  test('a tampered interaction cookie gets the way back to the application and no sign-in', async () => {
    const browser = idp.browser();
    const page = await browser.authorize(authorizationRequest(client));
    const name = '__Secure-portcullis_interaction';
    const { value, path } = browser.cookies.get(name) ?? { value: '', path: '' };
    browser.cookies.set(name, { value: `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`, path });
    const { response, text } = await browser.go(page.url.href);
    expect(response.status).toBe(410);
    expect(text).toContain('https://app.example/');
  });

  test('A-27: no truncation and no flipped bit of a session cookie or of its signature is accepted', async () => {
    const { browser } = await idp.tokens(client);
    const [value, sig] = [session, `${session}.sig`].map((name) => browser.cookies.get(name)?.value ?? '') as [
      string,
      string,
    ];
    const guesses = [...mutilated(value).map((v) => cookies(v, sig)), ...mutilated(sig).map((s) => cookies(value, s))];
    const ends = await Promise.all(guesses.map((guess) => silently(browserWith(guess))));
    expect(ends.length).toBeGreaterThan(200);
    expect(ends.filter((end) => end !== 'login_required')).toEqual([]);
    expect(await silently(browser)).toBe('a code');
  });
});

describe('R-32: a session', () => {
  test('idles an hour at most and ends with the browser when it is not to be kept', async () => {
    const { browser } = await idp.tokens(client);
    expect(browser.received.filter((line) => line.startsWith(session)).at(-1)).not.toMatch(/expires=/i);
    expect(await hoursLeft(browser)).toBeCloseTo(1, 1);
  });

  test('lives a day at most when it is', async () => {
    const browser = idp.browser();
    const page = await browser.authorize(authorizationRequest(client));
    const { email } = await idp.person();
    const csrf = hiddenField(page.text, 'csrf');
    await browser.post(page.url.href, { csrf, email, password: 'open-the-gate-please', remember: 'yes' });
    expect(browser.received.filter((line) => line.startsWith(session)).at(-1)).toMatch(/expires=/i);
    expect(await hoursLeft(browser)).toBeCloseTo(24, 1);
  });

  test('is not prolonged by use past a day after its sign-in', async () => {
    const { browser, account } = await idp.tokens(client);
    const began = Math.floor(Date.now() / 1000) - 23.9 * 3600;
    await idp.sql(
      `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb(?::bigint)) where account_id = ?`,
      [began, account.id],
    );
    expect(await silently(browser)).toBe('a code');
    expect(await hoursLeft(browser)).toBeLessThan(0.11);
  });

  test('that has expired is nobody', async () => {
    const { browser, account } = await idp.tokens(client);
    await idp.sql('update sso_session set expires_at = now() where account_id = ?', [account.id]);
    expect(await silently(browser)).toBe('login_required');
  });

  async function hoursLeft(browser: Browser): Promise<number> {
    await silently(browser);
    const [row] = await idp.sql<{ hours: number }>(
      'select extract(epoch from expires_at - now())::float / 3600 as hours from sso_session order by last_used_at desc limit 1',
    );
    return row?.hours ?? 0;
  }
});

test('A-19: visitors make no row, and what Redis keeps of them ends within ten minutes', async () => {
  const [before] = await idp.sql('select count(*)::int as rows from sso_session');
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      await idp.browser().authorize(authorizationRequest(client));
      await idp.browser().go('/session/end');
      await idp.browser().go('/');
    }),
  );
  expect(await idp.sql('select count(*)::int as rows from sso_session')).toEqual([before]);
  const keys = await idp.memory.keys('portcullis:artifact:*');
  const ttls = await Promise.all(keys.map((key) => idp.memory.ttl(key)));
  expect(keys.length).toBeGreaterThan(50);
  expect(ttls.filter((ttl) => ttl < 0 || ttl > 600)).toEqual([]);
});

test('R-20: a form is answered by 303, and nothing is ever redirected by 307 or 308', async () => {
  const { browser } = await idp.tokens(client);
  const { params } = authorizationRequest(client);
  await browser.post('/auth', params);
  const question = await browser.post('/session/end', { client_id: client });
  await browser.post('/session/end/confirm', { xsrf: hiddenField(question.text, 'xsrf'), logout: 'yes' });
  const page = await browser.authorize(authorizationRequest(client));
  await browser.post(`${page.url.href}/cancel`, { csrf: hiddenField(page.text, 'csrf') });
  expect(browser.redirects.length).toBeGreaterThan(7);
  expect(new Set(browser.redirects)).toEqual(new Set([303]));
});

/** What a request that may show nothing to the person is answered. */
async function silently(browser: Browser): Promise<string> {
  const { url } = await browser.authorize(authorizationRequest(client, { prompt: 'none' }));
  if (!url.href.startsWith(callback)) return url.href;
  return url.searchParams.has('code') ? 'a code' : (url.searchParams.get('error') ?? 'nothing');
}

function browserWith(jar: Browser['cookies']): Browser {
  const browser = idp.browser();
  for (const [name, cookie] of jar) browser.cookies.set(name, cookie);
  return browser;
}

function cookies(value: string, sig: string): Browser['cookies'] {
  return new Map([
    [session, { value, path: '/' }],
    [`${session}.sig`, { value: sig, path: '/' }],
  ]);
}
