import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { AdminConsole } from '../pages/admin-console.ts';
import type { Walk } from './walk.ts';

const sections = [
  '/',
  '/accounts?q=nobody-at-all',
  '/bans?status=in_force',
  '/audit?action=ban.created',
  '/audit?accountId=x',
  '/applications',
  '/webhooks',
  '/webhooks/new',
  '/everyone',
  '/accounts/nobody',
];
const tabs = ['', '/sessions', '/applications', '/activity', '/bans', '/roles'];

export const throughConsole: Walk = async ({ page, stack, person, nextOperator, at }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', await nextOperator());
  for (const path of [`/accounts?q=${person.email}`, ...sections]) {
    await admin.open(path);
    await expect(admin.heading).toBeVisible();
    await at(path.replace(person.email, 'person').replaceAll('/', ' '));
  }
  await page.context().clearCookies();
  await admin.enter('/', person);
  await expect(admin.heading).toHaveText('This console is for operators');
  await at('no operator');
};

export const anAccount: Walk = async ({ page, stack, person, nextOperator, at }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', await nextOperator());
  const account = `/accounts/${person.id}`;
  for (const tab of tabs) {
    await admin.open(account + tab);
    await expect(admin.heading).toContainText(person.name);
    await at(`account${tab.replace('/', ', ')}`);
  }
  await admin.open(`${account}/sessions/end-all`);
  await at('question');
  await admin.open(`${account}/delete`);
  await admin.button('Delete the account').click();
  await expect(page.getByLabel('Type it here')).toHaveAttribute('aria-invalid', 'true');
  await at('question, refused');
};

export const bans: Walk = async ({ page, stack, nextPerson, nextOperator, at }) => {
  const [person, other] = [await nextPerson(), await nextPerson()];
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter(`/accounts/${person.id}/ban`, await nextOperator());
  await page.getByLabel('Own date').check();
  await page.getByLabel('Only the applications named here').check();
  await admin.lookItOver.click();
  await expect(admin.reason).toHaveAttribute('aria-invalid', 'true');
  await at('ban, refused');
  await admin.open(`/accounts/picked?pick-${person.id}=on&pick-${other.id}=on`);
  await admin.reason.fill('Raid');
  await admin.lookItOver.click();
  await at('bans, looked over');
  await admin.confirmBan.click();
  await expect(admin.headline).toHaveText(/^In force at/);
  await at('bans, made');
  await admin
    .link(/^Receipts of the ban/)
    .first()
    .click();
  await expect(admin.heading).toContainText('Ban of');
  await at('receipts');
  await admin.open(`/accounts/${person.id}`);
  await at('a banned account');
  await admin.open(`/accounts/${person.id}/lift`);
  await at('lifting a ban');
};

export const webhooks: Walk = async ({ page, stack, nextOperator, at }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/webhooks/new', await nextOperator());
  const name = `siem-${randomUUID().slice(0, 8)}`;
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Address').fill('not an address');
  await admin.button('Add the webhook').click();
  await expect(page.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true');
  await at('webhook, refused');
  await page.getByLabel('Address').fill('https://siem.example/portcullis');
  await admin.button('Add the webhook').click();
  await expect(admin.heading).toContainText(name);
  await at('webhook, added');
  await admin.open(`/webhooks/${name}`);
  await at('a webhook');
  await admin.open('/webhooks');
  await at('webhooks');
};
