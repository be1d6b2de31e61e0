import { expectAccessible } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { AdminConsole, operator } from '../pages/admin-console.ts';

test.describe.configure({ timeout: 180_000 }); // many pages, each looked at four times

test('every page of the console is accessible', async ({ page, stack, nextPerson, portcullis }) => {
  const [person, other] = [await nextPerson(), await nextPerson()];
  const admin = new AdminConsole(page, stack.urls.admin);
  const check = (name: string) => expectAccessible(page, name);
  await admin.enter();
  await check('overview');
  await admin.open('/accounts?q=person-');
  await check('accounts');
  await admin.open('/accounts?q=nobody-at-all');
  await check('accounts, none found');

  const account = `/accounts/${person.id}`;
  for (const tab of ['', '/sessions', '/applications', '/activity', '/bans', '/roles']) {
    await admin.open(account + tab);
    await expect(admin.heading).toContainText(person.name);
    await check(`account ${tab}`);
  }
  await admin.open(`${account}/sessions/end-all`);
  await check('question');
  await admin.open(`${account}/delete`);
  await admin.button('Delete the account').click();
  await expect(page.getByLabel('Type it here')).toHaveAttribute('aria-invalid', 'true');
  await check('question, refused');

  await admin.open(`${account}/ban`);
  await page.getByLabel('Own date').check();
  await page.getByLabel('Only the applications named here').check();
  await admin.lookItOver.click();
  await expect(admin.reason).toHaveAttribute('aria-invalid', 'true');
  await check('ban, refused');
  await admin.open(`/accounts/picked?pick-${person.id}=on&pick-${other.id}=on`);
  await admin.reason.fill('Raid');
  await admin.lookItOver.click();
  await check('bans, looked over');
  await admin.confirmBan.click();
  await expect(admin.headline).toHaveText(/^In force at/);
  await check('bans, made');
  await admin
    .link(/^Receipts of the ban/)
    .first()
    .click();
  await expect(admin.heading).toContainText('Ban of');
  await check('receipts');

  await portcullis(['unban', other.email]);
  for (const path of ['/bans', '/audit', '/audit?accountId=x', '/applications', '/everyone', '/accounts/nobody']) {
    await admin.open(path);
    await check(path);
  }
});

test('the page for those who are no operators is accessible', async ({ page, stack, person }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', person);
  await expect(admin.heading).toHaveText('This console is for operators');
  await expectAccessible(page, `not ${operator.name}`);
});
