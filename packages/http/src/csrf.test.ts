import { Secret } from '@portcullis/config';
import { expect, test } from 'vitest';
import { readForm } from './bodies.ts';
import { createCsrf } from './csrf.ts';
import { serve } from './test-server.ts';

const ORIGIN = 'http://shop.test';

/** A form whose session is whatever the header says; `changes` counts what got past the check. */
async function shop() {
  const seen: unknown[] = [];
  const csrf = createCsrf({
    key: new Secret('k'.repeat(32)),
    origin: ORIGIN,
    cookie: { name: 'browser', secure: false },
    sessionOf: (ctx) => ctx.get('X-Session') || undefined,
  });
  const server = await serve((router) => {
    router.get('/form', (ctx) => void (ctx.body = { first: csrf.token(ctx), second: csrf.token(ctx) }));
    router.post('/form', readForm, csrf.protect, (ctx) => {
      seen.push(ctx.request.body);
      ctx.status = 204;
    });
  });
  return Object.assign(server, {
    seen,
    async open(session = '', cookie = '') {
      const response = await fetch(`${server.url}/form`, { headers: { 'X-Session': session, Cookie: cookie } });
      const { first, second } = (await response.json()) as { first: string; second: string };
      expect(second).toBe(first);
      return {
        token: first,
        setCookie: response.headers.getSetCookie(),
        cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie,
      };
    },
    async submit(cookie: string, form: Record<string, string>, headers: Record<string, string> = {}) {
      const response = await fetch(`${server.url}/form`, {
        method: 'POST',
        headers: { Cookie: cookie, ...headers },
        body: new URLSearchParams(form),
      });
      return response.status;
    },
  });
}

test('R-61: the token of this browser and session passes, and leaves the body to a closed schema', async () => {
  await using server = await shop();
  const { token, cookie, setCookie } = await server.open('s1');
  expect(setCookie).toHaveLength(1);
  expect(setCookie[0]).toMatch(/^browser=[\w-]{43}; path=\/; samesite=lax; httponly$/i);

  expect(await server.submit(cookie, { csrf: token, item: 'lamp' }, { 'X-Session': 's1' })).toBe(204);
  expect(server.seen).toEqual([{ item: 'lamp' }]);
  expect((await server.open('s1', cookie)).setCookie).toEqual([]); // the cookie stays
});

test('R-61 A-03: no token, a foreign one, a stale one, a tampered one: 403 and nothing happens', async () => {
  await using server = await shop();
  const mine = await server.open('s1');
  const attacker = await server.open('s1');
  const beforeSignIn = await server.open('', mine.cookie);

  const attempts = {
    'no token': await server.submit(mine.cookie, {}, { 'X-Session': 's1' }),
    'empty token': await server.submit(mine.cookie, { csrf: '' }, { 'X-Session': 's1' }),
    'token of another browser': await server.submit(mine.cookie, { csrf: attacker.token }, { 'X-Session': 's1' }),
    'token without its cookie': await server.submit('', { csrf: mine.token }, { 'X-Session': 's1' }),
    'token of another session': await server.submit(mine.cookie, { csrf: mine.token }, { 'X-Session': 's2' }),
    'token from before the sign-in': await server.submit(
      mine.cookie,
      { csrf: beforeSignIn.token },
      { 'X-Session': 's1' },
    ),
    'token cut short': await server.submit(mine.cookie, { csrf: mine.token.slice(0, -4) }, { 'X-Session': 's1' }),
  };
  expect(attempts).toEqual(Object.fromEntries(Object.keys(attempts).map((name) => [name, 403])));
  expect(server.seen).toEqual([]);
});

test.each([
  ['a foreign Origin', { Origin: 'https://evil.example' }, 403],
  ['our Origin as a prefix', { Origin: `${ORIGIN}.evil.example` }, 403],
  ['cross-site fetch metadata', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['same-site, another subdomain', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ['cross-site metadata with our Origin', { 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN }, 403],
  [
    'same-origin metadata with a foreign Origin',
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example' },
    403,
  ],
  ['a null Origin alone (sandboxed frame, data: page)', { Origin: 'null' }, 403],
  [
    'a null Origin that the browser calls same-origin (our no-referrer pages)',
    { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
    204,
  ],
  ['our Origin', { Origin: ORIGIN }, 204],
  ['same-origin metadata', { 'Sec-Fetch-Site': 'same-origin' }, 204],
])('R-61 A-03: even with a right token, %s', async (_, headers, status) => {
  await using server = await shop();
  const { token, cookie } = await server.open();
  expect(await server.submit(cookie, { csrf: token }, headers)).toBe(status);
  expect(server.seen).toHaveLength(status === 204 ? 1 : 0);
});
