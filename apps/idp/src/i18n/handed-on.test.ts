import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, signedIn } from '#account-console/test/visitor.ts';
import { authorizationRequest, type Browser, hiddenField, type Page } from '#harness.ts';
import { fillIn, linkIn, type PostedIdp, startPostedIdp } from '#registration/test/mailbox.ts';
import { unique } from '@portcullis/testing';

const password = 'seven bridges at dusk';

let idp: PostedIdp;
beforeAll(async () => {
  idp = await startPostedIdp();
});
afterAll(() => idp[Symbol.asyncDispose]());

const languageOf = ({ text }: Pick<Page, 'text'>) => /<html lang="(\w+)"/.exec(text)?.[1];
const hrefOn = ({ text }: Page, path: string) =>
  (new RegExp(`href="(${path}\\?[^"]*)"`).exec(text)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');

/** The page of a sign-in for which an application asks for German, in a browser that asks for English. */
async function germanSignIn(browser: Browser): Promise<Page> {
  const request = authorizationRequest(await idp.declare(), { ui_locales: 'de-AT' });
  const page = await browser.authorize(request);
  expect(languageOf(page)).toBe('de');
  return page;
}

test('the language of a sign-in goes along into the registration, its letter, whatever browser opens that, and the account', async () => {
  const browser = idp.browser();
  const email = `${unique('newcomer')}@example.org`;
  const sent = await fillIn(browser, hrefOn(await germanSignIn(browser), '/register'), { email });
  expect(languageOf(sent)).toBe('de');

  const letter = await idp.inbox.letterTo(email);
  expect(letter.subject).toMatch(/Adresse/);
  const elsewhere = idp.browser();
  const link = linkIn(letter.text);
  expect(languageOf(await elsewhere.go(link))).toBe('de');
  expect(languageOf(await fillIn(elsewhere, link, { name: 'Nora', password: 'short' }))).toBe('de');
  expect(languageOf(await fillIn(elsewhere, link, { name: 'Nora', password }))).toBe('de');
  expect(languageOf(await elsewhere.go(link))).toBe('de'); // where it says that the link is used up
  expect(await idp.sql('select locale from account where email = ?', [email])).toEqual([{ locale: 'de' }]);
});

test('the language of a sign-in goes along to a new password', async () => {
  const browser = idp.browser();
  const { email } = await idp.person();
  const sent = await fillIn(browser, hrefOn(await germanSignIn(browser), '/reset-password'), { email });
  expect(languageOf(sent)).toBe('de');

  const elsewhere = idp.browser();
  const link = await idp.linkTo(email);
  expect(languageOf(await elsewhere.go(link))).toBe('de');
  expect(languageOf(await fillIn(elsewhere, link, { password }))).toBe('de');
});

test('the link in a letter to somebody opens pages in the language of that person', async () => {
  const person = await spanishPerson();
  await send(person, '/account/delete', { email: person.account.email });
  const link = await idp.linkTo(person.account.email);
  const anywhere = idp.browser();

  expect(languageOf(await anywhere.go(link))).toBe('es');
  const kept = await fillIn(anywhere, link, {});
  expect(kept.url.pathname).toBe('/account/kept');
  expect(languageOf(kept)).toBe('es');
  expect(languageOf(await anywhere.go(link))).toBe('es');
});

test('what goes wrong, and signing out, is said in the language of whoever is signed in', async () => {
  const { browser } = await spanishPerson();
  const question = await browser.go('/session/end');
  for (const [status, page] of [
    [200, question],
    [404, await browser.go('/nowhere')],
    [403, await browser.post('/account/profile', { name: 'x', locale: '' })],
    [400, await browser.go('/auth?client_id=nobody')],
  ] as const)
    expect([status, languageOf(page)]).toEqual([page.response.status, 'es']);

  const [, action = ''] = /action="([^"]*\/session\/end\/confirm[^"]*)"/.exec(question.text) ?? [];
  const xsrf = hiddenField(question.text, 'xsrf');
  const out = await browser.post(action.replaceAll('&#x3D;', '='), { xsrf, logout: 'yes' });
  expect([out.url.pathname, languageOf(out)]).toEqual(['/session/end/success', 'es']);
  expect(languageOf(await browser.go('/nowhere'))).toBe('en');
});

async function spanishPerson() {
  const account = await idp.person();
  await idp.sql(`update account set locale = 'es' where id = ?`, [account.id]);
  return signedIn(idp, account);
}
