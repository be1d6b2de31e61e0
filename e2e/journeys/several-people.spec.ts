import { expect, test } from '../fixtures.ts';
import { AccountConsole } from '../pages/account-console.ts';

test.use({ javaScriptEnabled: false });

test('two people in one browser: each at an application, back without a password, and gone together', async ({
  page,
  stack,
  nextPerson,
  shop,
  forum,
  signInPage,
  signOutPage,
}) => {
  const [ada, ben] = [await nextPerson(), await nextPerson()];
  const account = new AccountConsole(page, stack.urls.idp);
  const chooser = page.getByRole('heading', { name: 'Choose an account' });
  await shop.open('/sign-in');
  await signInPage.signIn(ada);
  await expect(shop.greeting(ada.name)).toBeVisible();

  await account.open();
  await account.follow(/Switch account$/);
  await expect(chooser).toBeVisible();
  await account.press('Use another account');
  await signInPage.signIn(ben);
  await expect(page).toHaveURL(`${stack.urls.idp}/account`);
  await expect(page.getByRole('banner')).toContainText(ben.name);
  await forum.open('/sign-in');
  await expect(forum.greeting(ben.name), 'Ben is the one who is current').toBeVisible();
  await shop.open();
  await expect(shop.greeting(ada.name), 'Ada stays at the shop').toBeVisible();

  await page.goto(stack.urls.idp);
  await account.follow(/Switch account$/);
  await expect(page.getByRole('button', { name: ben.email })).toContainText('Signed in');
  await expect(page.getByRole('button', { name: ada.email })).toContainText('Signed in');
  await account.press(new RegExp(ada.email));
  await expect(page.getByRole('heading', { name: `Hello, ${ada.name}` }), 'without a password').toBeVisible();
  await account.open('/sessions');
  await expect(account.sessions.filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(account.sessions).toHaveCount(2); // the head is one

  await account.press('Sign out');
  await expect(page.getByText('These accounts are still signed in')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: ben.email })).toBeVisible();
  await account.follow('Choose an account');
  await expect(chooser, 'nobody takes the place unasked').toBeVisible();
  await account.press('Use another account');
  await signInPage.signIn(ada);

  await forum.open();
  await forum.signOut.click();
  for (const { email } of [ada, ben]) await expect(page.getByRole('listitem').filter({ hasText: email })).toBeVisible();
  await signOutPage.everywhere.click();
  await expect(page).toHaveURL(`${forum.url}/signed-out`);
  await shop.open();
  await shop.open('/sign-in');
  await expect(signInPage.password, 'nobody is left').toBeVisible();
  for (const { email } of [ada, ben]) await expect(page.getByText(email)).toHaveCount(0);
});
