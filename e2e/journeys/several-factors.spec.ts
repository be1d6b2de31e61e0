import { Redis } from 'ioredis';
import { withoutSuggestions, giveAuthenticator } from '../authenticator.ts';
import { nextCode } from '../authenticator-app.ts';
import { expect, pagesOf, test } from '../fixtures.ts';
import { AccountConsole } from '../pages/account-console.ts';
import { PasskeysPage } from '../pages/passkeys-page.ts';
import type { Stack } from '../stack.ts';

const phishingResistant = 'urn:portcullis:acr:phishing-resistant';

test('R-39: two passkeys and an authenticator on one account: each is a way in, and where only a passkey is good enough the authenticator is none', async ({
  browser,
  page,
  stack,
  person,
  client,
  shop,
  signInPage,
}) => {
  await withoutSuggestions(page);
  await giveAuthenticator(page);
  const [recoveryCode = ''] = await new PasskeysPage(page, stack.urls.idp).addFirst(person, 'Laptop');

  await using context = await browser.newContext();
  const phone = pagesOf(await context.newPage(), stack);
  await withoutSuggestions(phone.shop.page);
  await giveAuthenticator(phone.shop.page);
  const passkeys = new PasskeysPage(phone.shop.page, stack.urls.idp);
  await passkeys.open();
  await phone.signInPage.signIn(person);
  await phone.signInPage.way('Recovery code').click();
  await phone.signInPage.code.fill(recoveryCode);
  await phone.signInPage.confirm.click();
  await passkeys.name.fill('Phone');
  await passkeys.add.click();
  const account = new AccountConsole(phone.shop.page, stack.urls.idp);
  await expect(account.toast.filter({ hasText: 'The passkey is added.' })).toBeVisible();
  await passkeys.open();
  await expect(passkeys.list.locator('strong')).toHaveText(['Phone', 'Laptop']);
  const secret = await account.setUpAuthenticator();

  for (const device of [{ shop, signInPage }, phone]) {
    await device.shop.page.context().clearCookies();
    await device.shop.open('/sign-in');
    await device.signInPage.withPasskey.click();
    await expect(device.shop.greeting(person.name)).toBeVisible();
  }

  await page.context().clearCookies();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(signInPage.passkeyToo).toBeVisible();
  await signInPage.way('Authenticator app').click();
  await signInPage.code.fill(await nextCode(secret));
  await signInPage.confirm.click();
  await expect(shop.greeting(person.name)).toBeVisible();

  const { url, verifier } = await client.authorize(page.request, { acr_values: phishingResistant });
  await page.goto(url.href);
  await expect(signInPage.passkeyToo).toBeVisible();
  await expect(signInPage.way('Authenticator app')).toBeHidden();
  await page.goto(new URL('?method=totp', page.url()).href);
  await expect(signInPage.code).toBeHidden();
  const back = client.comesBack(page);
  await signInPage.passkeyToo.click();
  const tokens = await client.exchange({ url: await back, verifier });
  expect(tokens.claims()?.['acr']).toBe(phishingResistant);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('R-47: recovery codes that are made anew are the only ones that count', async ({
    page,
    stack,
    person,
    shop,
    signInPage,
  }) => {
    await shop.open('/sign-in?acr_values=urn:portcullis:acr:mfa');
    await signInPage.signIn(person);
    const { recoveryCodes: old } = await signInPage.enrolAuthenticator();
    await expect(shop.greeting(person.name)).toBeVisible();
    const account = new AccountConsole(page, stack.urls.idp);
    await account.open('/security/recovery-codes');
    await account.press('Make new codes');
    await expect(account.codes).toHaveCount(10);
    const fresh = await account.codes.allInnerTexts();
    expect(fresh.filter((code) => old.includes(code))).toEqual([]);

    await page.context().clearCookies();
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await signInPage.way('Recovery code').click();
    for (const dead of old.slice(0, 2)) {
      await signInPage.code.fill(dead);
      await signInPage.confirm.click();
      await expect(signInPage.code).toHaveAccessibleDescription(/That code is not right/);
    }
    await signInPage.code.fill(fresh[0] ?? '');
    await signInPage.confirm.click();
    await expect(shop.greeting(person.name)).toBeVisible();
  });

  test('a code that was mailed is typed and leads in, where an application is content with that; a minute later there is another', async ({
    page,
    stack,
    person,
    client,
    shop,
    signInPage,
    inbox,
  }) => {
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
    const acr = 'urn:portcullis:acr:email-code';
    const { url, verifier } = await client.authorize(page.request, { acr_values: acr });
    await page.goto(url.href);
    await page.getByRole('button', { name: 'Send me a code' }).click();
    const { code = '' } = await inbox.letterTo(person.email, { subject: 'code' });
    await signInPage.code.fill(code.replace(/^./, (digit) => String((Number(digit) + 1) % 10)));
    await signInPage.confirm.click();
    await expect(signInPage.code).toHaveAccessibleDescription(/That code is not right/);
    const another = page.getByRole('button', { name: 'Send another code' });
    await another.click();
    await expect(signInPage.alert).toContainText(/You can have another one in \d+ seconds\./);
    await aMinuteAfterTheCode(stack);
    await another.click();
    const next = await inbox.letterTo(person.email, { subject: 'code' });
    expect(next.code).not.toBe(code);
    await signInPage.code.fill(String(next.code).replace(/^..../, '$& '));
    const back = client.comesBack(page);
    await signInPage.confirm.click();
    const tokens = await client.exchange({ url: await back, verifier });
    expect(tokens.claims()?.['acr']).toBe(acr);
  });
});

/** Nobody has to wait any more for another code. */
async function aMinuteAfterTheCode({ redisUrl }: Stack): Promise<void> {
  const redis = new Redis(redisUrl);
  const waits = await redis.keys('portcullis:email-code-sent:*');
  expect(await redis.del(waits)).toBeGreaterThan(0);
  redis.disconnect();
}
