import { AdminConsole } from '../pages/admin-console.ts';
import { test } from './album.ts';

test('the admin console', async ({ page, stack, nextOperator, person, shoot }) => {
  const admin = new AdminConsole(page, stack.urls.admin);
  await admin.enter('/', await nextOperator());
  const pages = {
    overview: '/',
    accounts: '/accounts?q=person-',
    account: `/accounts/${person.id}`,
    'sessions of an account': `/accounts/${person.id}/sessions`,
    'activity of an account': `/accounts/${person.id}/activity`,
    ban: `/accounts/${person.id}/ban`,
    bans: '/bans',
    audit: '/audit',
    applications: '/applications',
    webhooks: '/webhooks',
    everyone: '/everyone',
    'no such account': '/accounts/nobody',
  };
  for (const [name, path] of Object.entries(pages)) {
    await admin.open(path);
    await shoot(name);
  }
});
