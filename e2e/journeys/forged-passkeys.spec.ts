import type { Page } from '@playwright/test';
import { giveAuthenticator, withoutSuggestions } from '../authenticator.ts';
import { expect, pagesOf, test } from '../fixtures.ts';
import { openForeignSite } from '../foreign-site.ts';
import { PasskeysPage } from '../pages/passkeys-page.ts';

test.beforeEach(async ({ page, stack, person }) => {
  await withoutSuggestions(page);
  await giveAuthenticator(page);
  await new PasskeysPage(page, stack.urls.idp).addFirst(person);
  await page.context().clearCookies();
});

test('R-48, A-25: what a passkey answered on its owner’s page signs nobody else in, whether or not it arrived there', async ({
  page,
  browser,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await using context = await browser.newContext();
  const thief = pagesOf(await context.newPage(), stack);
  const answers = '**/sign-in/*/passkey';
  await page.route(answers, (route) => route.abort());
  for (const arrives of [false, true]) {
    await shop.open('/sign-in');
    const posted = page.waitForRequest(answers);
    await signInPage.withPasskey.click();
    if (arrives) await expect(shop.greeting(person.name)).toBeVisible();
    const answer = new URLSearchParams((await posted).postData() ?? '').get('response') ?? '';
    await page.unroute(answers);

    await thief.shop.open('/sign-in');
    await post(thief.shop.page, answer);
    await expect(thief.signInPage.alert).toContainText('This passkey was not accepted.');
  }
  await thief.shop.open();
  await expect(thief.shop.greeting(person.name)).toBeHidden();
});

test('R-48, A-25: what a passkey answers to a look-alike page on another port of our own name is refused, what it answers to ours is not', async ({
  page,
  browser,
  stack,
  person,
}) => {
  await using lookAlike = await openForeignSite();
  await using context = await browser.newContext();
  const thief = pagesOf(await context.newPage(), stack);
  await thief.shop.open('/sign-in');

  await page.goto(lookAlike.sibling);
  await post(thief.shop.page, await lure(page, await optionsOf(thief.shop.page)));
  await expect(thief.signInPage.alert).toContainText('This passkey was not accepted.');

  await page.goto(stack.urls.idp);
  await post(thief.shop.page, await lure(page, await optionsOf(thief.shop.page)));
  await expect(thief.shop.greeting(person.name)).toBeVisible();
});

/** What the sign-in page would ask a passkey. */
async function optionsOf(page: Page): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const text = await page.locator('form[data-passkey="sign-in"]').getAttribute('data-options');
  return JSON.parse(text ?? '') as PublicKeyCredentialRequestOptionsJSON;
}

/** Has the passkey of whoever looks at this page answer. */
function lure(page: Page, options: PublicKeyCredentialRequestOptionsJSON): Promise<string> {
  return page.evaluate(async (asked) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
    return JSON.stringify(credential.toJSON());
  }, options);
}

/** Sends the form of the sign-in page with an answer that was got elsewhere. */
async function post(page: Page, answer: string): Promise<void> {
  await page.locator('form[data-passkey="sign-in"]').evaluate((form: HTMLFormElement, response) => {
    const field = form.elements.namedItem('response') as HTMLInputElement;
    field.value = response;
    form.submit();
  }, answer);
}
