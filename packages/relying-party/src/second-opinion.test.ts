import { createIntrospection } from '@portcullis/resource-server';
import { expect, onTestFinished, test } from 'vitest';
import { startApp } from './test-app.ts';
import { clientId, clientSecret, startProvider } from './test-provider.ts';

/** A signed-in browser at an application whose mirror has just lost touch. */
async function outOfTouch({ readsAllowed = false, asks = true, accessSeconds = 300 } = {}) {
  const provider = await startProvider();
  const introspect = createIntrospection({ issuer: provider.url, clientId, clientSecret });
  const app = await startApp(provider, asks ? { introspect } : {});
  onTestFinished(async () => {
    await app[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  provider.state.accessSeconds = accessSeconds;
  const browser = app.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  provider.state.accessSeconds = 300;
  app.says.verdict = { state: 'unknown', readsAllowed };
  return { provider, app, browser, says: provider.state.introspection };
}

test('F-08 the mirror cannot say: the issuer is asked about the session’s token, once in five seconds', async () => {
  const { provider, browser, says } = await outOfTouch();

  for (let i = 0; i < 5; i += 1) expect((await browser.get('/private')).text).toContain('alice');
  expect((await browser.post('/things')).status).toBe(200);

  expect(says.asked).toEqual([provider.state.issued.at(-1)]);
});

test('F-08 what the issuer no longer holds to be good is over, also where reads would be allowed', async () => {
  const { browser, says } = await outOfTouch({ readsAllowed: true });
  says.active = false;

  const page = await browser.get('/private');

  expect(page.status).toBe(401);
  expect(page.text).toContain('Your session has ended.');
  expect((await browser.get('/')).text).toBe('nobody');
});

test('F-08 the issuer is out too: nothing is decided, and the session waits', async () => {
  const { app, browser, says } = await outOfTouch();
  says.status = 500;

  const page = await browser.get('/private');
  expect(page.status).toBe(503);
  expect(page.headers.get('retry-after')).toBe('5');
  expect(page.text).toContain('You are not signed out');

  app.says.verdict = { state: 'clear' };
  expect((await browser.get('/private')).status).toBe(200);
});

test.for([true, false])(
  'F-08 the issuer is out too and the application opted in: pages are shown, nothing is changed (asks: %s)',
  async (asks) => {
    const { browser, says } = await outOfTouch({ readsAllowed: true, asks });
    says.status = 500;

    expect((await browser.get('/private')).status).toBe(200);
    expect((await browser.post('/things')).status).toBe(503);
  },
);

test('F-08 without anybody to ask and without permission to read the answer is 503', async () => {
  const { browser } = await outOfTouch({ asks: false });
  expect((await browser.get('/private')).status).toBe(503);
});

test('F-08 a session to be renewed is renewed, and its new token is asked about', async () => {
  const { provider, browser, says } = await outOfTouch({ accessSeconds: 5 });

  expect((await browser.get('/private')).status).toBe(200);

  expect(provider.state.refreshes).toBe(1);
  expect(says.asked).toEqual([provider.state.issued.at(-1)]);
});

test('F-08 a session the issuer will not renew is over, whatever the mirror does not know', async () => {
  const { provider, browser } = await outOfTouch({ accessSeconds: 5, readsAllowed: true });
  provider.state.refreshStatus = 400;
  provider.state.refreshGate = Promise.resolve();
  provider.state.tokenStatus = { status: 400, body: { error: 'invalid_grant' } };

  expect((await browser.get('/private')).status).toBe(401);
});

test('F-08 permission to read does not outlive the token', async () => {
  const { provider, browser, says } = await outOfTouch({ readsAllowed: true, accessSeconds: 0 });
  provider.state.down = true;
  says.status = 500;

  expect((await browser.get('/private')).status).toBe(503);
});
