import { createHmac, randomUUID } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';
import { expect, pagesOf, test } from '../fixtures.ts';
import { RegistrationPage } from '../pages/registration-page.ts';
import { ResetPasswordPage } from '../pages/reset-password-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';
import type { Stack } from '../stack.ts';

const password = 'seven bridges at dusk';
const newcomer = () => {
  const mark = randomUUID().slice(0, 8);
  return { email: `newcomer-${mark}@example.org`, name: `Newcomer ${mark}`, password };
};

test('somebody new joins on the way into the shop, and comes out there signed in', async ({
  page,
  shop,
  signInPage,
  inbox,
}) => {
  const person = newcomer();
  const registration = new RegistrationPage(page);
  await shop.open();
  await shop.signIn.click();
  await registration.wayIn.click();
  await registration.askFor(person.email);
  await expect(registration.sent).toBeVisible();
  await expect(registration.resend).toBeDisabled(); // counts down

  const letter = await inbox.letterTo(person.email);
  await page.goto(String(letter.links[0]));
  await expect(registration.name).toBeFocused();
  await registration.password.fill(`${person.email}`);
  await expect(registration.judgement).toContainText('Easy to guess');
  await registration.complete({ name: person.name, password: person.email });
  await expect(registration.passwordError).toContainText('too easy to guess');
  await expect(registration.name).toHaveValue(person.name);
  await registration.complete(person);
  await expect(registration.done).toBeVisible();
  await registration.goOn.click();

  await expect(signInPage.email).toHaveValue(person.email);
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
});

test('the link works in another browser; used again, it says so kindly', async ({ page, browser, stack, inbox }) => {
  const person = newcomer();
  const registration = new RegistrationPage(page);
  await page.goto(`${stack.urls.idp}/register`);
  await registration.askFor(person.email);
  const [link = ''] = (await inbox.letterTo(person.email)).links;

  await using context = await browser.newContext();
  const elsewhere = await context.newPage();
  await elsewhere.goto(link);
  await new RegistrationPage(elsewhere).complete(person);
  await expect(new RegistrationPage(elsewhere).done).toBeVisible();
  const { shop } = pagesOf(elsewhere, stack);
  await shop.open();
  await shop.signIn.click();
  await new SignInPage(elsewhere).signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();

  await page.goto(link);
  await expect(registration.deadLink).toBeVisible();
  await page.getByRole('link', { name: 'Send me a new link' }).click();
  await registration.askFor(person.email);
  const told = await inbox.letterTo(person.email, { subject: 'You already have an account' });
  expect(told.links).toEqual([`${stack.urls.idp}/reset-password?ui_locales=en`]);
});

test('a letter that does not come is sent once more, after a minute that the page counts down', async ({
  page,
  context,
  stack,
  inbox,
}) => {
  const person = newcomer();
  const registration = new RegistrationPage(page);
  await page.clock.install();
  await page.goto(`${stack.urls.idp}/register`);
  await registration.askFor(person.email);
  const lost = await inbox.letterTo(person.email);
  await page.clock.fastForward(57_000);
  await expect(registration.wait).toHaveText(/ [1-3] s\.$/);
  await expect(registration.resend).toBeDisabled();
  await page.clock.fastForward(3000);
  await expect(registration.resend).toBeEnabled();
  await registration.resend.click(); // by the server's clock it is too early, and the page counts again
  await expect(registration.wait).toHaveText(/ [45]\d s\.$/);
  expect(await inbox.all(person.email)).toHaveLength(1);

  await sentAMinuteEarlier(context, stack);
  await page.clock.fastForward(60_000);
  await registration.resend.click();
  await expect(registration.sentAgain).toBeVisible();
  await expect(registration.resend).toBeDisabled();
  const [link = ''] = (await inbox.letterTo(person.email)).links;
  expect(lost.links).not.toContain(link);
  await page.goto(link);
  await registration.complete(person);
  await expect(registration.done).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a forgotten password is reset, every other browser is out, and the owner is told', async ({
    page,
    browser,
    stack,
    shop,
    person,
    signInPage,
    inbox,
  }) => {
    await using context = await browser.newContext({ javaScriptEnabled: false });
    const elsewhere = pagesOf(await context.newPage(), stack);
    await elsewhere.shop.open('/sign-in');
    await elsewhere.signInPage.signIn(person);
    await expect(elsewhere.shop.greeting(person.name)).toBeVisible();

    const reset = new ResetPasswordPage(page);
    await shop.open('/sign-in');
    await reset.wayIn.click();
    await reset.email.fill(person.email);
    await reset.send.click();
    await expect(reset.sent).toBeVisible();
    await expect(reset.wait).toBeVisible();
    await reset.resend.click(); // too early, which the page says once more
    await expect(reset.wait).toBeVisible();
    await page.goto(String((await inbox.letterTo(person.email)).links[0]));
    await reset.password.fill('too short');
    await reset.set.click();
    await expect(reset.passwordError).toContainText('too short');
    await reset.password.fill(password);
    await reset.set.click();
    await expect(reset.done).toBeVisible();
    await inbox.letterTo(person.email, { subject: 'Your password was changed' });

    await reset.goOn.click();
    await signInPage.signIn({ ...person, password });
    await expect(shop.greeting(person.name)).toBeVisible();
    await elsewhere.shop.clickOn();
    await expect(elsewhere.shop.ending.heading).toBeVisible();
  });
});

/** What the browser keeps of its request, made and signed as the provider would have a minute ago. */
async function sentAMinuteEarlier(context: BrowserContext, { idpEnv }: Stack): Promise<void> {
  const name = 'portcullis_registration';
  const cookies = await context.cookies();
  const kept = cookies.find((cookie) => cookie.name === name);
  const signature = cookies.find((cookie) => cookie.name === `${name}.sig`);
  if (!kept || !signature) throw new Error('nothing was asked for in this browser');
  const pending = JSON.parse(Buffer.from(kept.value, 'base64url').toString()) as { sentAt: number };
  const earlier = { ...pending, sentAt: pending.sentAt - 60_000 };
  const value = Buffer.from(JSON.stringify(earlier)).toString('base64url');
  const [key = ''] = String(idpEnv['COOKIE_KEYS']).split(',');
  const sig = createHmac('sha256', key).update(`${name}=${value}`).digest('base64url');
  await context.addCookies([
    { ...kept, value },
    { ...signature, value: sig },
  ]);
}
