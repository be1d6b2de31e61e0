import { randomUUID } from 'node:crypto';
import { expect, pagesOf, test } from '../fixtures.ts';
import { RegistrationPage } from '../pages/registration-page.ts';
import { ResetPasswordPage } from '../pages/reset-password-page.ts';
import { SignInPage } from '../pages/sign-in-page.ts';

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
