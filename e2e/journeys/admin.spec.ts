import { readFile } from 'node:fs/promises';
import type { Browser } from '@playwright/test';
import { expect, pagesOf, test } from '../fixtures.ts';
import { AdminConsole } from '../pages/admin-console.ts';
import type { Person } from '../people.ts';
import type { Stack } from '../stack.ts';
import { declareClient } from '../test-client.ts';

test.describe.configure({ timeout: 90_000 });

/** An operator's own browser, signed in at the console. */
async function operatorAt(
  browser: Browser,
  stack: Stack,
  operator: Person,
  path = '/',
  options = {},
): Promise<AdminConsole> {
  const context = await browser.newContext(options);
  const admin = new AdminConsole(await context.newPage(), stack.urls.admin);
  await admin.enter(path, operator);
  return admin;
}

test('a ban is looked over, confirmed, seen to bite everywhere, and explained to the person at the next click', async ({
  browser,
  stack,
  person,
  forum,
  signInPage,
  nextOperator,
}) => {
  await forum.open('/sign-in');
  await signInPage.signIn(person);
  await expect(forum.greeting(person.name)).toBeVisible();

  const admin = await operatorAt(browser, stack, await nextOperator());
  await admin.find(person.email);
  await admin.page.getByRole('rowheader', { name: person.name }).getByRole('link').click();
  await expect(admin.heading).toHaveText(person.name);
  await admin.link('Ban').click();
  await admin.reason.fill('Spam in three threads');
  await admin.message.fill('Write to the gatekeeper.');
  await admin.lookItOver.click();
  await expect(admin.impact).toHaveText('One session will end. Forum loses its access.');
  await admin.confirmBan.click();

  await expect(admin.heading).toContainText(`Ban of ${person.name}`);
  await expect(admin.headline).toHaveText(/^In force at (\d+) of \1 instances after \d+ ms\.$/);
  for (const application of ['shop', 'forum', 'dashboard', 'admin']) {
    const lane = admin.receipts.getByRole('listitem').filter({ hasText: `${application}-1` });
    await expect(lane).toContainText(/enforced after \d+ ms/);
  }

  await forum.clickOn();
  await expect(forum.ending.heading).toBeVisible();
  await expect(forum.ending.reason(/Your account has been blocked/)).toBeVisible();

  await admin.link('Lift the ban').click();
  await admin.button('Lift the ban').click();
  await expect(admin.notice).toContainText('The ban is lifted');
  await forum.open('/sign-in');
  await signInPage.signIn(person);
  await expect(forum.greeting(person.name)).toBeVisible();
  await admin.tab('Bans');
  await expect(admin.rows.filter({ hasText: 'Spam in three threads' })).toContainText('lifted');
});

test('several people are banned at once from the list', async ({ browser, stack, nextPerson, nextOperator }) => {
  const [one, two] = [await nextPerson(), await nextPerson()];
  const admin = await operatorAt(browser, stack, await nextOperator(), '/accounts');
  await admin.find('person-');
  await admin.button('Ban those ticked').click();
  await expect(admin.page.getByRole('alert')).toContainText('Tick at least one account');
  // Whoever else is there, these two are on a page of their own search.
  await admin.open(`/accounts/picked?pick-${one.id}=on&pick-${two.id}=on`);
  await expect(admin.heading).toHaveText('Ban 2 accounts');
  await admin.reason.fill('A raid');
  await admin.page.getByLabel('7 days').check();
  await admin.lookItOver.click();
  await admin.confirmBan.click();
  await expect(admin.heading).toHaveText('2 accounts banned');
  await expect(admin.headline).toHaveText(/^In force at/);
  for (const { name } of [one, two]) {
    await expect(admin.rows.filter({ hasText: name })).toContainText('in force');
  }
});

test('a ban from one application only leaves the others open', async ({
  browser,
  stack,
  person,
  context,
  nextOperator,
}) => {
  const { forum, shop, signInPage } = pagesOf(await context.newPage(), stack);
  await forum.open('/sign-in');
  await signInPage.signIn(person);
  await shop.open('/sign-in');
  await expect(shop.greeting(person.name)).toBeVisible();

  const admin = await operatorAt(browser, stack, await nextOperator());
  await admin.openAccount(person);
  await admin.link('Ban').click();
  await admin.reason.fill('Rude in the forum');
  await admin.page.getByLabel('Only the applications named here').check();
  await admin.page.getByLabel('Forum', { exact: true }).check();
  await admin.lookItOver.click();
  await admin.confirmBan.click();
  await expect(admin.headline).toHaveText(/^In force at/);

  await shop.open();
  await expect(shop.greeting(person.name)).toBeVisible();
  await forum.open();
  await expect(forum.ending.heading).toBeVisible();
});

test('sessions, roles, applications and the account itself end where an operator says so', async ({
  browser,
  stack,
  portcullis,
  person,
  shop,
  signInPage,
  nextOperator,
}) => {
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  const admin = await operatorAt(browser, stack, await nextOperator());
  await admin.openAccount(person);
  await admin.tab('Sessions');
  await expect(admin.rows.filter({ hasText: 'Shop' })).toContainText(/Chrom.* on Linux/);
  await admin.link(/^End the session/).click();
  await admin.button('End the session').click();
  await expect(admin.notice).toContainText('The session is over');
  await shop.clickOn();
  await expect(shop.ending.heading).toBeVisible();

  await admin.tab('Overview');
  await admin.link('Change the roles').click();
  await admin.page.getByLabel('moderator').check();
  await admin.button('Go on').click();
  await admin.button('Change the roles').click();
  await expect(admin.notice).toContainText('The roles are changed');

  const { configuration } = await declareClient(stack, portcullis);
  const { client_id: client } = configuration.clientMetadata();
  await admin.open('/applications');
  await admin.rows.filter({ hasText: client }).getByRole('link', { name: 'Switch off' }).click();
  await admin.button(/^Switch .* off$/).click();
  await expect(admin.rows.filter({ hasText: client })).toContainText('off since');

  await admin.openAccount(person);
  await admin.link('Delete the account').click();
  await admin.page.getByLabel('Type it here').fill('somebody else');
  await admin.button('Delete the account').click();
  await expect(admin.page.getByText('exactly as it stands here')).toBeVisible();
  await admin.page.getByLabel('Type it here').fill(person.email);
  await admin.button('Delete the account').click();
  await expect(admin.notice).toContainText('The account is deleted');
  await admin.find(person.email);
  await expect(admin.page.getByRole('heading', { name: 'Nothing fits this search' })).toBeVisible();
});

test('what was done is in the audit log, found by its filters and taken out as a file', async ({
  browser,
  stack,
  portcullis,
  person,
  nextOperator,
}) => {
  await portcullis(['ban', person.email, '--reason', 'spam, of the "worst" kind']);
  const admin = await operatorAt(browser, stack, await nextOperator(), '/audit');
  await admin.page.getByLabel('Action').fill('ban.created');
  await admin.page.getByLabel('Account id').fill(person.id);
  await admin.button('Filter').click();
  await expect(admin.rows).toHaveCount(2);
  await expect(admin.rows.last()).toContainText('at the command line');

  for (const [name, holds] of [
    ['CSV', person.id],
    ['NDJSON', '"ban.created"'],
  ] as const) {
    const download = admin.page.waitForEvent('download');
    await admin.page.getByRole('link', { name, exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^audit-.*\\.${name.toLowerCase()}$`));
    const text = await readFile(await file.path(), 'utf8');
    expect(text).toContain(holds);
    expect(text).not.toContain('account.signed_in');
  }
});

test('who is no operator is told so and can come back as somebody who is', async ({
  page,
  stack,
  person,
  context,
  nextOperator,
}) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/accounts', person);
  await expect(admin.heading).toHaveText('This console is for operators');
  await expect(page.getByText(person.name).first()).toBeVisible();
  await context.clearCookies();
  await admin.enter('/accounts', await nextOperator());
  await expect(admin.heading).toHaveText('Accounts');
});

test('by keyboard alone: from the search to a ban in force', async ({ browser, stack, person, nextOperator }) => {
  const admin = await operatorAt(browser, stack, await nextOperator());
  const { page } = admin;
  const tabTo = async (wanted: RegExp) => {
    for (let steps = 0; steps < 60; steps += 1) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      const name = await focused.evaluate((element) =>
        [element.getAttribute('name'), element.textContent?.trim()].join('|'),
      );
      if (wanted.test(name)) return;
    }
    throw new Error(`Tab never comes to ${String(wanted)}`);
  };
  await tabTo(/^q\|/);
  await page.keyboard.type(person.email);
  await page.keyboard.press('Enter');
  await expect(admin.heading).toHaveText('Accounts');
  await tabTo(new RegExp(`^\\|.*${person.email}`));
  await page.keyboard.press('Enter');
  await expect(admin.heading).toHaveText(person.name);
  await tabTo(/^\|Ban$/);
  await page.keyboard.press('Enter');
  await expect(admin.heading).toHaveText(`Ban ${person.name}`);
  await tabTo(/^reason\|/);
  await page.keyboard.type('By hand');
  await tabTo(/^duration\|/);
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByLabel('30 days')).toBeChecked();
  await tabTo(/Look it over/);
  await page.keyboard.press('Enter');
  await expect(admin.heading).toHaveText(`Ban ${person.name}?`);
  await tabTo(/^step\|Ban /);
  await page.keyboard.press('Enter');
  await expect(admin.headline).toHaveText(/^In force at/);
});

test('without JavaScript: a ban, its receipts, and its end', async ({ browser, stack, person, nextOperator }) => {
  const admin = await operatorAt(browser, stack, await nextOperator(), '/', { javaScriptEnabled: false });
  await admin.openAccount(person);
  await admin.link('Ban').click();
  await admin.lookItOver.click();
  await expect(admin.page.getByText('Say why, for those who look at this later.')).toBeVisible();
  await admin.reason.fill('No scripts here');
  await admin.page.getByLabel('Own date').check();
  await admin.page.getByLabel('Until (UTC)').fill('2099-01-01T12:00');
  await admin.lookItOver.click();
  await expect(admin.page.getByText('1 Jan 2099, 12:00:00 UTC')).toBeVisible();
  await admin.confirmBan.click();
  await expect(async () => {
    await admin.page.reload();
    await expect(admin.headline).toHaveText(/^In force at (\d+) of \1 /, { timeout: 500 });
  }).toPass();
  await admin.link('Lift the ban').click();
  await admin.button('Lift the ban').click();
  await expect(admin.notice).toContainText('The ban is lifted');
});

test('an operator cannot be shut out by their own hand', async ({ browser, stack, nextOperator }) => {
  const operator = await nextOperator();
  const admin = await operatorAt(browser, stack, operator);
  await admin.openAccount(operator);
  await expect(admin.link('Ban')).toHaveCount(0);
  const url = new URL(admin.page.url());
  await admin.open(`${url.pathname}/ban`);
  await admin.reason.fill('A slip');
  await admin.lookItOver.click();
  await admin.confirmBan.click();
  await expect(admin.page.getByRole('alert')).toContainText('Nobody can ban themselves');
  await expect(admin.reason).toHaveValue('A slip');
});
