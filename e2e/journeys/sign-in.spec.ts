import { nextCode } from '../authenticator-app.ts';
import { expect, pagesOf, test } from '../fixtures.ts';

const twoFactors = 'urn:portcullis:acr:mfa';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a second factor is set up where it is demanded, and asked for from then on, until the device is trusted', async ({
    browser,
    page,
    stack,
    person,
    shop,
    signInPage,
  }) => {
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
    await shop.open(`/sign-in?acr_values=${twoFactors}`);
    await expect(signInPage.password, 'nobody adds a factor by a session alone').toBeVisible();
    await signInPage.signIn(person);
    const { secret, recoveryCodes } = await signInPage.enrolAuthenticator();
    await expect(shop.greeting(person.name)).toBeVisible();
    await page.context().close();

    const other = pagesOf(await (await browser.newContext({ javaScriptEnabled: false })).newPage(), stack);
    await other.shop.open('/sign-in');
    await other.signInPage.signIn(person);
    await other.signInPage.code.fill('000000');
    await other.signInPage.confirm.click();
    await expect(other.signInPage.code).toHaveAccessibleDescription(/That code is not right/);
    await other.signInPage.code.fill(await nextCode(secret));
    await other.signInPage.trust.check();
    await other.signInPage.confirm.click();
    await expect(other.shop.greeting(person.name)).toBeVisible();

    await other.shop.signOut.click();
    await other.signOutPage.everywhere.click();
    await other.shop.open('/sign-in');
    await other.signInPage.signIn(person);
    await expect(other.shop.greeting(person.name)).toBeVisible();
    await other.shop.open(`/sign-in?acr_values=${twoFactors}`);
    await other.signInPage.page.getByRole('link', { name: 'Recovery code' }).click();
    await other.signInPage.code.fill(recoveryCodes[0] ?? '');
    await other.signInPage.confirm.click();
    await expect(other.shop.greeting(person.name)).toBeVisible();
  });

  test('max_age: a sign-in that is too old for the application is asked for again and the new one is dated anew', async ({
    page,
    client,
    person,
    shop,
    signInPage,
  }) => {
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
    const first = await client.tokens(page.request, { max_age: '3600' });

    const ask = () => client.authorize(page.request, { max_age: '1' });
    await expect.poll(async () => (await ask()).url.pathname).toMatch(/^\/sign-in\//);
    const { url, verifier } = await ask();
    await page.goto(url.href);
    await expect(page.getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible();
    await expect(signInPage.email).toHaveValue(person.email);
    const back = client.comesBack(page);
    await signInPage.signIn(person);
    const again = await client.exchange({ url: await back, verifier });
    expect(again.claims()?.sub).toBe(person.id);
    expect(Number(again.claims()?.auth_time)).toBeGreaterThan(Number(first.claims()?.auth_time));
  });
});

test('two accounts in one browser: chosen by a click or with the address filled in, in German when the application says so', async ({
  page,
  context,
  client,
  nextPerson,
  shop,
  signInPage,
}) => {
  const [one, other] = [await nextPerson(), await nextPerson()];
  for (const person of [one, other]) {
    await context.clearCookies({ name: /session/ });
    await shop.open('/sign-in');
    await signInPage.remember.check();
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
  }

  const { url } = await client.authorize(page.request, { prompt: 'select_account', ui_locales: 'de' });
  await page.goto(url.href);
  await expect(page.getByRole('heading', { name: 'Konto auswählen' })).toBeVisible();
  await expect(page.getByRole('button', { name: other.email })).toContainText('Angemeldet');
  await page.getByRole('button', { name: one.email }).first().click();
  await expect(page.getByLabel('E-Mail-Adresse')).toHaveValue(one.email);
  await page.getByLabel('Passwort', { exact: true }).fill('nicht das richtige');
  await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
  await expect(signInPage.alert).toContainText('passen nicht zusammen');

  const again = await client.authorize(page.request, { prompt: 'select_account' });
  await page.goto(again.url.href);
  const back = client.comesBack(page);
  await page.getByRole('button', { name: other.email }).first().click();
  expect((await back).searchParams.get('code')).not.toBe(null);
});
