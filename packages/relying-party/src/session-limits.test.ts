import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFamily, startApp } from './test-app.ts';

const { provider } = await openFamily();
const console_ = await startApp(provider, { limits: { idleSeconds: 900, absoluteSeconds: 12 * 3600 } });
afterAll(() => console_[Symbol.asyncDispose]());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The clock goes on, and the person was not there. */
function later(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function signedIn() {
  const browser = console_.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  return browser;
}

test('R-32: unused for its idle time a session ends, kindly and for copies of its cookies too; used, it lasts', async () => {
  const browser = await signedIn();
  for (let i = 0; i < 3; i += 1) {
    later(840);
    expect(await browser.get('/private')).toMatchObject({ status: 200 });
  }
  const copy = console_.browser(new Map(browser.cookies));
  later(900);

  const page = await browser.get('/private?page=2');

  expect(page.status).toBe(401);
  expect(page.text).toContain('You were signed out');
  expect(page.text).toContain('href="/sign-in?return_to=%2Fprivate%3Fpage%3D2"');
  expect(await browser.get('/')).toMatchObject({ status: 200, text: 'nobody' });
  expect(await copy.post('/things')).toMatchObject({ status: 401 });
});

test('R-32: at its absolute time a session ends, however much it is used', async () => {
  const browser = await signedIn();
  for (let minutes = 0; minutes < 12 * 60; minutes += 10) {
    expect(await browser.get('/private')).toMatchObject({ status: 200 });
    later(600);
  }

  expect(await browser.get('/private')).toMatchObject({ status: 401 });
});

test('R-32: a sign-in comes of a proof no older than the idle time, also where the single sign-on goes on, and a session lives by its own times only', async () => {
  const browser = await signedIn();
  const times = browser.cookies.get('shop_session_times') ?? '';
  for (const path of ['/sign-in', '/sign-in?max_age=86400', '/sign-in?return_to=%2Fprivate']) {
    const { location } = await console_.browser().get(path);
    expect(new URL(location ?? '').searchParams.get('max_age')).toBe('900');
  }
  const { location } = await console_.browser().get('/sign-in?max_age=60');
  expect(new URL(location ?? '').searchParams.get('max_age')).toBe('60');

  provider.state.sid = 'another-session.shop';
  const other = await signedIn();
  other.cookies.set('shop_session_times', times);
  expect(await other.get('/private')).toMatchObject({ status: 401 });
  browser.cookies.delete('shop_session_times');
  expect(await browser.get('/private')).toMatchObject({ status: 401 });
});

test('R-32: an application without limits keeps its sessions while they are used, and two weeks without', async () => {
  await using shop = await startApp(provider);
  const browser = shop.browser();
  await browser.signIn();
  later(13 * 24 * 3600);
  expect(await browser.get('/private')).toMatchObject({ status: 200 });
  later(14 * 24 * 3600);
  expect(await browser.get('/private')).toMatchObject({ status: 303 });
});
