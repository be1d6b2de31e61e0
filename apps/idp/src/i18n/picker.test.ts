import { createKoa, createLog, listen } from '@portcullis/http';
import { expect, test } from 'vitest';
import { localeOf } from './locale.ts';
import { languageRoutes } from './picker.ts';

const issuer = 'https://id.example';

/** A server that says in which language it would answer, and lets people pick another. */
async function serve() {
  const log = createLog({ name: 'test', level: 'silent' });
  const koa = createKoa({ log, trustedHops: 0, https: true, errorPage: ({ title }) => title });
  koa.use(languageRoutes({ issuer }).routes());
  koa.use((ctx) => {
    const account = ctx.query['account'] === undefined ? null : 'es';
    ctx.body = localeOf(ctx, { uiLocales: String(ctx.query['ui_locales'] ?? ''), account });
  });
  return listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
}

test.each([
  ['the choice in this browser', '/?ui_locales=es&account=es', { Cookie: 'portcullis_locale=de' }, 'de'],
  ['what the application asks for', '/?ui_locales=fr-CA+de-AT+en&account=es', { 'Accept-Language': 'en' }, 'de'],
  ['what the account says', '/?ui_locales=fr&account=es', { 'Accept-Language': 'de' }, 'es'],
  ['what the browser wishes', '/', { 'Accept-Language': 'fr, de;q=0.8, en;q=0.5' }, 'de'],
  ['English, where nothing is spoken here', '/', { 'Accept-Language': 'fr', Cookie: 'portcullis_locale=tlh' }, 'en'],
])('the language of a page: %s comes before what follows', async (_, path, headers, locale) => {
  await using server = await serve();
  expect(await (await fetch(server.url + path, { headers })).text()).toBe(locale);
});

test('picking a language is remembered, and leads back to the page the link was on', async () => {
  await using server = await serve();
  const response = await fetch(`${server.url}/language/de`, {
    redirect: 'manual',
    headers: { Referer: `${issuer}/sign-in/x?step=1` },
  });
  expect(response.status).toBe(303);
  expect(response.headers.get('Location')).toBe('/sign-in/x?step=1');
  expect(response.headers.get('Set-Cookie')).toMatch(/^portcullis_locale=de; path=\/;.*samesite=lax.*httponly/i);
});

test.each(['https://elsewhere.example/', 'https://id.example.evil/', '//evil', undefined])(
  'R-02: a link on %s picks no language and leads nowhere else',
  async (referer) => {
    await using server = await serve();
    const response = await fetch(`${server.url}/language/de`, {
      redirect: 'manual',
      ...(referer === undefined ? {} : { headers: { Referer: referer } }),
    });
    expect(response.headers.get('Location')).toBe('/');
    expect(response.headers.get('Set-Cookie')).toBeNull();
  },
);

test('a language that is not spoken here is no page', async () => {
  await using server = await serve();
  const response = await fetch(`${server.url}/language/tlh`, { headers: { Referer: `${issuer}/` } });
  expect(response.headers.get('Set-Cookie')).toBeNull();
});
