import { expectAccessible } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { AdminConsole } from '../pages/admin-console.ts';

test.describe.configure({ timeout: 150_000 }); // many pages, each looked at twice

for (const path of [
  '/',
  '/accounts?q=person-',
  '/accounts?q=nobody-at-all',
  '/bans?status=in_force',
  '/audit?action=ban.created',
  '/audit?accountId=x',
  '/applications',
  '/webhooks',
  '/webhooks/new',
  '/everyone',
  '/accounts/nobody',
]) {
  test(`${path} is accessible`, async ({ page, stack, nextOperator }) => {
    const admin = new AdminConsole(page, stack.urls.admin);
    await admin.enter(path, await nextOperator());
    await expect(admin.heading).toBeVisible();
    await expectAccessible(page, path);
  });
}

test('the pages of an account are accessible', async ({ page, stack, person, nextOperator }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', await nextOperator());
  const account = `/accounts/${person.id}`;
  for (const tab of ['', '/sessions', '/applications', '/activity', '/bans', '/roles']) {
    await admin.open(account + tab);
    await expect(admin.heading).toContainText(person.name);
    await expectAccessible(page, `account ${tab}`);
  }
  await admin.open(`${account}/sessions/end-all`);
  await expectAccessible(page, 'question');
  await admin.open(`${account}/delete`);
  await admin.button('Delete the account').click();
  await expect(page.getByLabel('Type it here')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page, 'question, refused');
});

test('the pages of a ban are accessible', async ({ page, stack, nextPerson, nextOperator }) => {
  const [person, other] = [await nextPerson(), await nextPerson()];
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter(`/accounts/${person.id}/ban`, await nextOperator());
  await page.getByLabel('Own date').check();
  await page.getByLabel('Only the applications named here').check();
  await admin.lookItOver.click();
  await expect(admin.reason).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page, 'ban, refused');
  await admin.open(`/accounts/picked?pick-${person.id}=on&pick-${other.id}=on`);
  await admin.reason.fill('Raid');
  await admin.lookItOver.click();
  await expectAccessible(page, 'bans, looked over');
  await admin.confirmBan.click();
  await expect(admin.headline).toHaveText(/^In force at/);
  await expectAccessible(page, 'bans, made');
  await admin
    .link(/^Receipts of the ban/)
    .first()
    .click();
  await expect(admin.heading).toContainText('Ban of');
  await expectAccessible(page, 'receipts');
  await admin.open(`/accounts/${person.id}`);
  await expectAccessible(page, 'a banned account');
});

test('the page for those who are no operators is accessible', async ({ page, stack, person }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', person);
  await expect(admin.heading).toHaveText('This console is for operators');
  await expectAccessible(page, 'no operator');
});
