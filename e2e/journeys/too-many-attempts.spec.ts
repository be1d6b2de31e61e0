import { expect, test } from '../fixtures.ts';
import { ResetPasswordPage } from '../pages/reset-password-page.ts';
import { newVisitor } from '../visitor.ts';

test.use({ javaScriptEnabled: false });

test('R-44: whom a stranger’s guesses keep out is told so, gets in by a reset at once, and cannot be kept out of that browser by more guesses', async ({
  stack,
  page,
  person,
  inbox,
  shop,
  signInPage,
}) => {
  const stranger = await newVisitor(stack);
  const guess = async (password = 'open sesame') => {
    const answer = await stranger.submit(await stranger.open(`${stack.urls.shop}/sign-in`), {
      email: person.email,
      password,
    });
    return /Too many attempts|do not go together/.exec(answer.text)?.[0];
  };
  const guessUntilRefused = () => expect.poll(() => guess(), { intervals: [0] }).toBe('Too many attempts');

  await guessUntilRefused();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(signInPage.alert).toContainText(/Too many attempts\. Please try again in \d+ minutes?\./);

  const reset = new ResetPasswordPage(page);
  await reset.wayIn.click();
  await reset.email.fill(person.email);
  await reset.send.click();
  await page.goto((await inbox.letterTo(person.email)).links[0] ?? '');
  const password = 'the portcullis is down again';
  await reset.password.fill(password);
  await reset.set.click();
  await expect(reset.done).toBeVisible();
  await guessUntilRefused();
  expect(await guess(password)).toBe('Too many attempts');
  await reset.goOn.click();
  await signInPage.signIn({ ...person, password });
  await expect(shop.greeting(person.name)).toBeVisible();
  await stranger.close();
});
