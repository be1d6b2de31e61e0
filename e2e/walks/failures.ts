import { expect } from '@playwright/test';
import { Client } from 'pg';
import { openArena } from '../faults/arena.ts';
import { AdminConsole } from '../pages/admin-console.ts';
import { crowd, pagesOf } from '../fixtures.ts';
import type { Stack } from '../stack.ts';
import type { Walk } from './walk.ts';

/** What is said when it is our fault, in a stack that may be broken. */
export const failures: Walk = async ({ page, at }) => {
  const arena = await openArena({ nodes: 1 });
  try {
    const { urls } = arena.stack;
    const person = await arena.nextPerson();
    const operator = await crowd(arena.portcullis, ['admin'])();
    const { shop, forum, dashboard, signInPage } = pagesOf(page, arena.stack);
    const admin = new AdminConsole(page, urls.admin);
    const statusOf = async (address: string) => (await page.goto(address))?.status();
    await admin.enter('/', operator);

    await page.context().clearCookies({ name: /portcullis/ });
    await inDatabase(arena.stack, 'alter table single_use_token rename to elsewhere');
    expect(await statusOf(`${urls.idp}/reset-password/new?token=${'x'.repeat(43)}`)).toBe(500);
    await at('something went wrong');
    await inDatabase(arena.stack, 'alter table elsewhere rename to single_use_token');
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link no longer works');
    await shop.open('/sign-in');
    await signInPage.signIn(person);
    await expect(shop.greeting(person.name)).toBeVisible();
    for (const application of [dashboard, forum]) await application.open('/sign-in');
    arena.kill('shop');
    await dashboard.open();
    await at('dashboard without the shop');

    await arena.redis.kill();
    await admin.open();
    await at('console without Redis');
    await page.context().clearCookies({ name: /portcullis/ });
    expect(await statusOf(`${urls.idp}/account`)).toBe(503);
    await at('sign-in, unavailable');
    arena.kill('idp');
    for (const application of [urls.forum, urls.admin]) {
      await expect.poll(() => statusOf(application), { timeout: 30_000 }).toBe(503);
      await at(`${application === urls.forum ? 'forum' : 'console'}, unavailable`);
    }
  } finally {
    await arena.close();
  }
};

/** As after a migration that went wrong. */
async function inDatabase({ idpEnv }: Stack, sql: string): Promise<void> {
  const database = new Client({ connectionString: idpEnv['DATABASE_URL'] });
  await database.connect();
  await database.query(sql);
  await database.end();
}
