import { unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest } from '#harness.ts';
import { fillIn, type PostedIdp, startPostedIdp } from '#registration/test/mailbox.ts';

const password = 'seven bridges at dusk';

let idp: PostedIdp;
beforeAll(async () => {
  idp = await startPostedIdp();
});
afterAll(() => idp[Symbol.asyncDispose]());

test('a browser at which somebody has joined, or has a new password, shows the next person no address', async () => {
  for (const path of ['/register', '/reset-password']) {
    const browser = idp.browser();
    const email = path === '/register' ? `${unique('newcomer')}@example.org` : (await idp.person()).email;
    await fillIn(browser, path, { email });
    await fillIn(browser, await idp.linkTo(email), { ...(path === '/register' && { name: 'Nora' }), password });

    const later = await browser.go(`${path}/sent`);
    expect([later.url.pathname, later.text.includes(email)]).toEqual([path, false]);
  }
});

test('whose letter was opened is filled in at the next sign-in of that browser, and nothing that a cookie of somebody else says', async () => {
  const client = await idp.declare();
  const { email } = await idp.person();
  const browser = idp.browser();
  await fillIn(browser, '/reset-password', { email });
  await fillIn(browser, await idp.linkTo(email), { password });
  expect(emailIn((await browser.authorize(authorizationRequest(client))).text)).toBe(email);
  expect(browser.received.find((line) => line.startsWith('portcullis_own_address='))).toMatch(/httponly/i);

  const planted = idp.browser();
  planted.cookies.set('portcullis_own_address', {
    value: Buffer.from('mallory@example.org').toString('base64url'),
    path: '/',
  });
  const asked = { email: 'mallory@example.org', from: null, sentAt: 0, times: 1 };
  planted.cookies.set('portcullis_registration', {
    value: Buffer.from(JSON.stringify(asked)).toString('base64url'),
    path: '/',
  });
  expect(emailIn((await planted.authorize(authorizationRequest(client))).text)).toBe('');
  expect((await planted.go('/register/sent')).url.pathname).toBe('/register');
});

test.each([
  '/register',
  '/register/sent',
  '/register/confirm',
  '/reset-password',
  '/reset-password/sent',
  '/reset-password/new',
  '/confirm-email',
  '/confirm-email/undo',
  '/account/keep',
])('A-03: a form sent to %s from no page of ours does nothing', async (path) => {
  const browser = idp.browser();
  await browser.go('/register');
  for (const csrf of ['', 'x'.repeat(43)]) expect((await browser.post(path, { csrf })).response.status).toBe(403);
});

/** What stands in the field for the address. */
function emailIn(html: string): string {
  return /<input[^>]*name="email"[^>]*?value="([^"]*)"/.exec(html)?.[1] ?? '';
}
