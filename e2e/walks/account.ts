import { expect } from '@playwright/test';
import { AccountConsole } from '../pages/account-console.ts';
import { newVisitor } from '../visitor.ts';
import type { Walk } from './walk.ts';

const sections = {
  profile: '',
  'email address': '/email',
  security: '/security',
  'new password': '/security/password',
  'new password, to stand alone': '/security/password?alone=yes',
  passkeys: '/security/passkeys',
  authenticator: '/security/authenticator',
  'recovery codes': '/security/recovery-codes',
  sessions: '/sessions',
  applications: '/applications',
  activity: '/activity',
  data: '/data',
};

export const throughAccount: Walk = async ({ page, stack, person, shop, at }) => {
  const account = new AccountConsole(page, stack.urls.idp);
  await account.signIn(person, '/applications');
  await at('applications, none');
  await shop.open('/sign-in');
  await expect(shop.greeting(person.name)).toBeVisible();
  for (const [name, path] of Object.entries(sections)) {
    await account.open(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await at(name);
  }
  const elsewhere = await newVisitor(stack);
  await elsewhere.signIn(stack.urls.shop, person);
  await elsewhere.close();
  await account.open('/sessions');
  await at('sessions, several');
  await account.open();
  await page.getByLabel('Name', { exact: true }).fill(`${person.name} the Second`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Saved.');
  await at('profile, saved');
  const picture = page.locator('input[name="picture"]');
  await picture.setInputFiles({ name: 'note.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await account.press('Use this picture');
  await expect(picture).toHaveAttribute('aria-invalid', 'true');
  await at('picture, refused');
  await picture.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: await page.screenshot() });
  await account.press('Use this picture');
  await expect(page.getByRole('button', { name: 'Remove' })).toBeVisible();
  await at('profile, with a picture');
};
