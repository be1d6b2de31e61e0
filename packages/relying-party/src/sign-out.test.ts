import { eventually } from '@portcullis/testing';
import { expect, test } from 'vitest';
import { openFamily, startApp } from './test-app.ts';
import { clientId } from './test-provider.ts';

const { provider, app } = await openFamily();

async function signedIn() {
  const browser = app.browser();
  await browser.signIn();
  return browser;
}

test('sign-out ends the session here and goes on to the provider, with no token in the address', async () => {
  const browser = await signedIn();

  const answer = await browser.post('/sign-out');

  expect(answer.status).toBe(303);
  const to = new URL(answer.location ?? '');
  expect(to.origin + to.pathname).toBe(`${provider.url}/session/end`);
  expect(Object.fromEntries(to.searchParams)).toEqual({
    client_id: clientId,
    logout_hint: 'alice',
    post_logout_redirect_uri: `${app.url}/signed-out`,
    ui_locales: 'en',
  });
  expect((await browser.get('/')).text).toBe('nobody');
});

test('sign-out asked for everywhere says so to the provider', async () => {
  const answer = await (await signedIn()).post('/sign-out', { everywhere: '1' });

  expect(new URL(answer.location ?? '').searchParams.get('everywhere')).toBe('1');
});

test('sign-out revokes the tokens, so that a copy of the cookie dies too', async () => {
  const browser = await signedIn();
  const accessToken = provider.state.issued.at(-1) ?? '';

  await browser.post('/sign-out');

  const revoked = eventually(() => provider.state.revoked.includes(accessToken));
  expect(await revoked).toBe(true);
});

test('after a sign-out a page that looks for a session by itself does not sign the person in again', async () => {
  const browser = await signedIn();
  await browser.post('/sign-out');

  expect(await browser.get('/public')).toMatchObject({ status: 200, text: 'nobody' });
});

test('R-61 A-03 sign-out needs the token of the form; by GET it does not exist', async () => {
  const browser = await signedIn();

  expect(await browser.post('/sign-out', { csrf: 'forged' })).toMatchObject({ status: 403 });
  expect((await browser.get('/sign-out')).status).toBeGreaterThanOrEqual(404);
  expect((await browser.get('/')).text).toContain('alice');
});

test('a second click, or one after the session ended, is no error', async () => {
  expect(await app.browser().post('/sign-out')).toMatchObject({ status: 303, location: '/signed-out' });
});

test('signing out works while nobody can say whether the session is valid', async () => {
  const browser = await signedIn();
  const csrf = /value="([^"]+)"/.exec((await browser.get('/form')).text)?.[1] ?? '';
  app.says.verdict = { state: 'unknown', readsAllowed: false };

  expect(await browser.post('/sign-out', { csrf })).toMatchObject({ status: 303 });
  expect(browser.cookies.has('shop_session')).toBe(false);
});

test('the page people come back to says that they are signed out', async () => {
  const page = await app.browser().get('/signed-out');

  expect(page.status).toBe(200);
  expect(page.text).toContain('You are signed out');
  expect(page.text).toContain('href="/sign-in"');
});

test('the provider cannot be reached: signed out here, and the page says what that does not cover', async () => {
  const browser = await signedIn();
  await using fresh = await startApp(provider);
  const elsewhere = fresh.browser(new Map(browser.cookies));
  const csrf = /value="([^"]+)"/.exec((await elsewhere.get('/form')).text)?.[1] ?? '';
  provider.state.down = true;

  const page = await elsewhere.post('/sign-out', { csrf });

  expect(page.status).toBe(200);
  expect(page.text).toContain('may still be signed in there');
  expect(elsewhere.cookies.has('shop_session')).toBe(false);
});

test('R-60 a page with a session lets its sign-out form lead on to the provider', async () => {
  const browser = await signedIn();

  expect((await browser.get('/form')).headers.get('content-security-policy')).toContain(`form-action ${provider.url}`);
});
