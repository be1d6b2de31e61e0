import { giveAuthenticator, withoutSuggestions } from '../authenticator.ts';
import { expect, pagesOf, test } from '../fixtures.ts';
import { PasskeysPage } from '../pages/passkeys-page.ts';

test('a passkey added in the account signs in by itself, is renamed, and is forgotten by the browser once it is removed', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await withoutSuggestions(page);
  const authenticator = await giveAuthenticator(page);
  const passkeys = new PasskeysPage(page, stack.urls.idp);
  await passkeys.addFirst(person, 'Laptop');
  await page.context().clearCookies();
  await shop.open('/sign-in');
  await signInPage.withPasskey.click();
  await expect(shop.greeting(person.name)).toBeVisible();

  await passkeys.open();
  await expect(passkeys.list).toContainText([/Laptop.*Added.*Last used/s]);
  await passkeys.rename('Laptop', 'Work laptop');
  await expect(passkeys.list).toContainText(['Work laptop']);
  await passkeys.remove('Work laptop');
  await expect(page.getByRole('heading', { name: 'No passkeys yet' })).toBeVisible();

  await expect.poll(authenticator.credentials, 'the password manager forgets it too').toEqual([]);
});

test('the browser suggests a passkey in the field for the address, and that is the whole sign-in', async ({
  page,
  stack,
  person,
  shop,
}) => {
  await giveAuthenticator(page);
  await new PasskeysPage(page, stack.urls.idp).addFirst(person);
  await page.context().clearCookies();
  await shop.open('/sign-in');
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('a passkey is asked for after the password, and the password alone is not enough', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await withoutSuggestions(page);
  await giveAuthenticator(page);
  await new PasskeysPage(page, stack.urls.idp).addFirst(person);
  await page.context().clearCookies();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(signInPage.passkeyToo).toBeVisible();
  await shop.open();
  await expect(shop.greeting(person.name)).toBeHidden();

  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await signInPage.passkeyToo.click();
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('A-25: with the wrong finger a passkey does not sign in by itself', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await withoutSuggestions(page);
  const authenticator = await giveAuthenticator(page);
  await new PasskeysPage(page, stack.urls.idp).addFirst(person);
  await page.context().clearCookies();
  await authenticator.verifyUser(false);
  await shop.open('/sign-in');
  await signInPage.withPasskey.click();
  await expect(signInPage.alert.filter({ hasText: 'No passkey was used.' })).toBeVisible();
  await authenticator.verifyUser(true);
  await signInPage.withPasskey.click();
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('A-25: a copied passkey, whose counter is behind, is refused', async ({
  page,
  stack,
  person,
  shop,
  signInPage,
}) => {
  await withoutSuggestions(page);
  const authenticator = await giveAuthenticator(page);
  await new PasskeysPage(page, stack.urls.idp).addFirst(person);
  const signIn = async () => {
    await page.context().clearCookies();
    await shop.open('/sign-in');
    await signInPage.withPasskey.click();
  };
  await signIn();
  await expect(shop.greeting(person.name)).toBeVisible();
  await authenticator.setCounter(0);
  await signIn();
  await expect(signInPage.alert).toContainText('This passkey was not accepted.');
});

test('without JavaScript there is no passkey to be had, and the page says so or leaves it out', async ({
  browser,
  stack,
  person,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const { shop, signInPage } = pagesOf(page, stack);
  await shop.open('/sign-in');
  await expect(signInPage.withPasskey).toBeHidden();
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  const passkeys = new PasskeysPage(page, stack.urls.idp);
  await passkeys.open();
  await expect(passkeys.add).toBeHidden();
  await expect(page.getByText('This browser cannot use passkeys, or scripts are switched off.')).toBeVisible();
  await context.close();
});
