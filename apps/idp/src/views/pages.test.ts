import { createKoa, createLog, listen } from '@portcullis/http';
import { expect, test } from 'vitest';

import { homeRoutes } from './home.ts';
import { createPages } from './index.ts';

const pages = createPages();
const shop = { name: 'Shop & Co', uri: 'https://shop.example' };

test('R-36: the sign-out page posts the provider its secret; the choice is the name of the button', () => {
  const html = pages.signOut({
    action: '/session/end/confirm',
    xsrf: 'se"cret',
    client: shop,
    sid: null,
    accounts: ['<ben>@example.org'],
    locale: 'en',
  });

  expect(html).toContain('action="/session/end/confirm"');
  expect(html).toContain('name="xsrf" value="se&quot;cret"');
  expect(html).toContain('<li>&lt;ben&gt;<wbr>@example.org</li>');
  expect(html).toMatch(/<button[^>]*name="logout" value="yes"[^>]*>Sign out everywhere</);
  expect(html).toMatch(/<button type="submit" class="secondary block">Sign out of Shop &amp; Co only</);
  expect(html).toContain('href="https://shop.example"');
});

test('without an application the sign-out page offers no half sign-out', () => {
  const html = pages.signOut({ action: '/x', xsrf: 'y', client: null, sid: null, accounts: [], locale: 'en' });

  expect(html.match(/<button/g)).toHaveLength(1);
  expect(html).toMatch(/href="\/"[^>]*>Stay signed in</);
});

test('the end of a sign-out shows the way back, where there is one', () => {
  expect(pages.signedOut({ client: shop, locale: 'en' })).toContain(
    'href="https://shop.example">Back to Shop &amp; Co',
  );
  expect(pages.signedOut({ client: { ...shop, uri: null }, locale: 'en' })).toContain('You have left Shop &amp; Co.');
  expect(pages.signedOut({ client: null, locale: 'en' })).toContain('You can close this page now.');
});

test.each([
  ['a stranger', undefined, [], 'You are not signed in.'],
  ['somebody', { name: 'Mara', email: 'mara@example.org', locale: null }, [], 'signed in as mara<wbr>@example.org'],
  ['those who are in the background', undefined, ['ben@example.org'], '<li>ben<wbr>@example.org</li>'],
])('the home page tells %s so, and lists the applications', async (_, person, others, words) => {
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    https: false,
    errorPage: pages.problem,
  });
  const home = homeRoutes({
    render: pages.render,
    signedIn: () => Promise.resolve(person),
    alsoSignedIn: () => Promise.resolve(others),
    applications: () => [{ name: 'Forum', href: 'https://forum.example' }],
    switchHref: '/account/switch',
    signOutHref: '/session/end',
  });
  koa.use(home.routes());
  await using server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });

  const html = await (await fetch(server.url)).text();

  expect(html).toContain(words);
  expect(html).toContain('href="https://forum.example"');
  for (const href of ['/session/end', '/account/switch'])
    expect(html.includes(`href="${href}"`)).toBe(person !== undefined || others.length > 0);
});

test.each([
  ['de', 'Seite nicht gefunden', 'Zur Startseite', 'Fehler 404'],
  ['es', 'Página no encontrada', 'Ir a la página principal', 'Error 404'],
])('what goes wrong is said in the reader’s language: %s', async (language, title, action, reference) => {
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    https: false,
    errorPage: pages.problem,
  });
  await using server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });

  const html = await (
    await fetch(server.url, { headers: { 'Accept-Language': language, Accept: 'text/html' } })
  ).text();

  expect(html).toContain(`<html lang="${language}"`);
  for (const words of [title, action, reference]) expect(html).toContain(words);
});
