import type { Page } from '@playwright/test';
import { generate } from 'otplib';
import { nextCode } from '../authenticator-app.ts';
import { expect, pagesOf, test } from '../fixtures.ts';

test.describe.configure({ timeout: 120_000 }); // four sign-ins, one after the other

test('an authenticator, a trusted device and a recovery code, all without JavaScript', async ({
  browser,
  stack,
  person,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const { shop, signInPage } = pagesOf(page, stack);
  const signInAnew = async () => {
    await forgetAllBut(page, /portcullis_trusted/);
    await shop.open('/sign-in');
    await signInPage.signIn(person);
  };

  await page.goto(`${stack.urls.idp}/account/security/authenticator`);
  await signInPage.signIn(person);
  await expect(page.getByRole('img', { name: 'QR code with the key below' })).toBeVisible();
  const secret = (await page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
  await signInPage.code.fill('000000');
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await expect(page.getByText('That code is not right')).toBeVisible();
  await signInPage.code.fill(await generate({ secret }));
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  const codes = await page.locator('#codes code').allInnerTexts();
  expect(codes).toHaveLength(10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 recovery codes are left.')).toBeVisible();

  await signInAnew();
  await signInPage.code.fill(await nextCode(secret)); // that of now is used up
  await signInPage.trust.check();
  await signInPage.confirm.click();
  await expect(shop.greeting(person.name)).toBeVisible();
  await signInAnew();
  await expect(shop.greeting(person.name)).toBeVisible();

  await page.goto(`${stack.urls.idp}/account/security`);
  await page.getByRole('button', { name: /^Trust no more/ }).click();
  await expect(page.getByText('No device is trusted')).toBeVisible();
  await signInAnew();
  await page.getByRole('link', { name: 'Recovery code' }).click();
  await signInPage.code.fill(String(codes[0]).toUpperCase().replaceAll('-', ' '));
  await signInPage.confirm.click();
  await expect(shop.greeting(person.name)).toBeVisible();
  await page.goto(`${stack.urls.idp}/account/security`);
  await expect(page.getByText('9 recovery codes are left.')).toBeVisible();
  await context.close();
});

async function forgetAllBut(page: Page, kept: RegExp): Promise<void> {
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.context().addCookies(cookies.filter(({ name }) => kept.test(name)));
}
