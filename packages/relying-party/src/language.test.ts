import { expect, test } from 'vitest';
import { openFamily, revocation } from './test-app.ts';

const { provider, app } = await openFamily();
const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' };

test('people are sent to sign in, and out, in the language that their browser asks for', async () => {
  const browser = app.browser();
  const { location, headers } = await browser.get('/sign-in', german);
  expect(new URL(location ?? '').searchParams.get('ui_locales')).toBe('de');
  expect(headers.get('vary')).toContain('Accept-Language');
});

test('the language of the account comes before that of the browser, also when its session has ended', async () => {
  provider.state.idToken = (claims) => provider.signed({ ...claims, locale: 'es-MX' });
  const browser = app.browser();
  await browser.signIn();
  expect(new URL((await browser.post('/sign-out')).location ?? '').searchParams.get('ui_locales')).toBe('es');

  await browser.signIn();
  app.says.verdict = { state: 'revoked', entry: revocation('ban') };
  const ended = await browser.get('/private', german);
  expect(ended.text).toContain('Su cuenta ha sido bloqueada.');
  expect((await browser.get('/sign-in?max_age=x', german)).text).toContain('ist nicht verständlich');
});

test('an account without a language leaves the choice to the browser', async () => {
  const browser = app.browser();
  await browser.signIn();
  app.says.verdict = { state: 'revoked', entry: revocation('password_changed') };
  const ended = await browser.get('/private', german);
  expect(ended.text).toContain('Das Passwort Ihres Kontos wurde geändert');
  expect(ended.text).toContain('>Anmelden</a>');
});

test('a renewed session follows the account to another language', async () => {
  provider.state.accessSeconds = 20;
  const browser = app.browser();
  await browser.signIn();
  provider.state.idToken = (claims) => provider.signed({ ...claims, locale: 'de' });
  await browser.get('/private');
  provider.state.idToken = (claims) => provider.signed(claims);
  app.says.verdict = { state: 'revoked', entry: revocation('ban') };
  expect((await browser.get('/private')).text).toContain('Ihr Konto wurde gesperrt.');
});
