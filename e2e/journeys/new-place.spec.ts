import { AccountConsole } from '../pages/account-console.ts';
import { expect, test as base } from '../fixtures.ts';
import { startStack, type Stack } from '../stack.ts';

/** A provider that believes what the hop before it says of the browser's address; here the browser says it itself. */
const test = base.extend<object, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const { stack, stop } = await startStack(1, { environment: { idp: { TRUSTED_HOPS: '1' } } });
      await use(stack);
      await stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

test('a known browser in another country: the owner is told by mail, sees the place in the account, and can lock it', async ({
  page,
  context,
  stack,
  person,
  inbox,
  shop,
  signInPage,
}) => {
  const from = (address: string) => context.setExtraHTTPHeaders({ 'x-forwarded-for': address });
  const account = new AccountConsole(page, stack.urls.idp);
  await from('81.2.69.142');
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await account.open();
  await account.press('Sign out');
  await expect(page).toHaveURL(`${stack.urls.idp}/`);

  await from('8.8.8.8');
  await account.open();
  await signInPage.signIn(person);
  await account.open('/sessions');
  await expect(account.sessions.filter({ hasText: 'This device' })).toContainText('United States');

  const letter = await inbox.letterTo(person.email);
  expect(letter.subject).toBe('Sign-in to your account from a new place');
  expect(letter.text).toContain('United States');
  await page.goto(letter.links[0] ?? '');
  await page.getByRole('button', { name: 'Lock them out' }).click();
  await expect(page.getByRole('heading', { name: 'Your account is locked to others' })).toBeVisible();
  await account.open();
  await expect(signInPage.password).toBeVisible();
});
