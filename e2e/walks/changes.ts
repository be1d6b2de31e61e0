import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { generate } from 'otplib';
import { giveAuthenticator, withoutSuggestions } from '../authenticator.ts';
import { AccountConsole } from '../pages/account-console.ts';
import { PasskeysPage } from '../pages/passkeys-page.ts';
import { openLetter, type Walk } from './walk.ts';

/** To another address, and back by the letter to the first one. */
export const anotherAddress: Walk = async ({ page, stack, person, nextPerson, inbox, at }) => {
  const email = `moved-${randomUUID().slice(0, 8)}@example.org`;
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/email');
  const field = page.getByRole('textbox');
  const ask = async (address: string) => {
    await account.open('/email');
    await field.fill(address);
    await field.press('Enter');
  };
  await ask('nowhere');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await at('another address, refused');
  const neighbour = await nextPerson();
  await ask(neighbour.email);
  await expect(account.toast.first()).toBeVisible();
  await openLetter(page, await inbox.letterTo(neighbour.email));
  await at('letter, address is taken');
  await ask(email);
  await expect(account.toast.first()).toBeVisible();
  await at('letter to the new address is on its way');
  const letter = await inbox.letterTo(email);
  await openLetter(page, letter);
  await at('letter, new address');
  await page.goto(letter.links[0] ?? '');
  await at('confirm the new address');
  await page.getByRole('main').getByRole('button').click();
  await page.waitForURL(/\/confirm-email\/done\?/);
  await at('address is changed');
  const told = await inbox.letterTo(person.email, { subject: 'was changed' });
  await openLetter(page, told);
  await at('letter, address was changed');
  await page.goto(told.links[0] ?? '');
  await at('take the change back');
  await page.getByRole('main').getByRole('button').click();
  await page.waitForURL(/\/confirm-email\/undone\?/);
  await at('change is taken back');
  await page.goto(letter.links[0] ?? '');
  await at('dead link of a change');
};

export const waysToSignIn: Walk = async ({ page, stack, person, shop, signInPage, inbox, at }) => {
  await withoutSuggestions(page);
  await giveAuthenticator(page);
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/security/passkeys');
  const passkeys = new PasskeysPage(page, stack.urls.idp);
  await passkeys.name.fill('Laptop');
  await passkeys.add.click();
  await expect(account.codes).toHaveCount(10);
  await at('recovery codes, after a passkey');
  await passkeys.open();
  await at('first confirm that it is you');
  await account.follow('Continue');
  await signInPage.signIn(person);
  await expect(signInPage.passkeyToo).toBeVisible();
  await at('second factor, passkey');
  await signInPage.passkeyToo.click();
  await expect(passkeys.list).toContainText(['Laptop']);
  await passkeys.list.locator('summary').first().click();
  await at('passkeys');
  await openLetter(page, await inbox.letterTo(person.email, { subject: 'asskey' }));
  await at('letter, passkey');

  await page.context().clearCookies();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await signInPage.trust.first().check();
  await signInPage.passkeyToo.click();
  await expect(shop.greeting(person.name)).toBeVisible();

  await account.open('/security');
  await expect(page.getByRole('button', { name: /^Trust no more/ })).toBeVisible();
  await at('security, with a passkey and a trusted device');
  await account.open('/security/authenticator');
  const secret = (await page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
  await signInPage.code.fill('000000');
  await account.press('Confirm');
  await expect(signInPage.code).toHaveAttribute('aria-invalid', 'true');
  await at('authenticator, wrong code');
  await signInPage.code.fill(await generate({ secret }));
  await account.press('Confirm');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await at('authenticator is set up');
  await account.open('/security/authenticator');
  await at('authenticator, to be removed');
  await account.open('/security/recovery-codes');
  await at('recovery codes, to be made anew');
  await page.context().clearCookies();
  await account.open('/security/passkeys');
  await at('sign-in to the account');
};

/** A stranger who knows the password, and the owner who says so. */
export const notMe: Walk = async ({ page, shop, signInPage, person, inbox, at }) => {
  for (const _browser of ['known', 'new']) {
    await page.context().clearCookies();
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
  }
  const letter = await inbox.letterTo(person.email, { subject: 'New sign-in' });
  await openLetter(page, letter);
  await at('letter, new sign-in');
  const [link = ''] = letter.links;
  await page.goto(link);
  await at('this was not me');
  await page.getByRole('button', { name: 'Lock them out' }).click();
  await expect(page.getByRole('heading', { name: 'Your account is locked to others' })).toBeVisible();
  await at('locked to others');
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  await at('this was not me, dead link');
};

export const leaving: Walk = async ({ page, stack, person, inbox, at }) => {
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/delete');
  const typed = page.getByLabel(/^To go on, type/);
  await typed.fill('not@this.one');
  await account.press('Delete my account');
  await expect(typed).toHaveAttribute('aria-invalid', 'true');
  await at('delete, refused');
  await typed.fill(person.email);
  await account.press('Delete my account');
  await expect(page.getByRole('button', { name: 'Keep my account' })).toBeVisible();
  await at('to be deleted');
  const letter = await inbox.letterTo(person.email);
  await openLetter(page, letter);
  await at('letter, to be deleted');
  const [link = ''] = letter.links;
  await page.context().clearCookies();
  await page.goto(link);
  await at('keep the account');
  await account.press('Keep my account');
  await expect(page.getByRole('heading', { name: 'Your account stays' })).toBeVisible();
  await at('account stays');
  await openLetter(page, await inbox.letterTo(person.email));
  await at('letter, account stays');
  await page.goto(link);
  await at('keep the account, dead link');
};
