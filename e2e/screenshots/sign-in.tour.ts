import { expect, test } from './album.ts';

test('sign-in', async ({ page, stack, portcullis, person, shop, signInPage, shoot }) => {
  await page.goto(stack.urls.idp);
  await shoot('home of a stranger');
  await shop.open('/sign-in');
  await shoot('sign-in');
  const address = page.url();
  for (const language of ['Deutsch', 'Español', 'English']) {
    await page.getByRole('link', { name: language }).click();
    await expect(page).toHaveURL(address);
    if (language !== 'English') await shoot(`sign-in, ${language}`);
  }
  await signInPage.signIn({ ...person, password: 'not the password at all' });
  await expect(signInPage.alert).toBeVisible();
  await shoot('sign-in, refused');
  await portcullis(['ban', person.email, '--reason', 'spam', '--message', 'Write to us.', '--until', '7d']);
  await signInPage.signIn(person);
  await expect(signInPage.blocked).toBeVisible();
  await shoot('blocked');
  await page.getByRole('button', { name: 'Back to Shop' }).click();
  await shoot('cancelled, at the shop');
});

test('when things go wrong', async ({ page, stack, shop, shoot }) => {
  await shop.open('/sign-in');
  for (const [name, path] of Object.entries({
    'expired sign-in': '/sign-in/expired-long-ago',
    'unknown client': '/auth?client_id=nobody',
    'unknown address': '/auth?client_id=shop&redirect_uri=https://elsewhere.example/&response_type=code&scope=openid',
    'not found': '/no/such/page',
  })) {
    await page.goto(stack.urls.idp + path);
    await shoot(name);
  }
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await shoot('not found, Deutsch');
  await shop.open('/no/such/page');
  await shoot('not found, at the shop');
});

test('sign-out', async ({ page, stack, person, portcullis, shop, forum, signInPage, signOutPage, shoot }) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await page.goto(stack.urls.idp);
  await shoot('home');
  await forum.open('/sign-in');
  await expect(forum.greeting(person.name)).toBeVisible();
  await portcullis(['sessions', 'end', person.email, '--all']);
  await forum.open();
  await expect(forum.ending.heading).toBeVisible();
  await shoot('session ended, at the forum');
  await shop.open();
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await shop.signOut.click();
  await expect(signOutPage.heading).toBeVisible();
  await shoot('sign-out');
  await signOutPage.everywhere.click();
  await expect(page).toHaveURL(`${shop.url}/signed-out`);
  await shoot('signed out, at the shop');
  await page.goto(`${stack.urls.idp}/session/end`);
  await shoot('sign-out, without an application');
});
