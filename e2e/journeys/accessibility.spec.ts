import { expectAccessible } from '../accessibility.ts';
import { test } from '../fixtures.ts';
import { walks } from '../walks/index.ts';

test.describe.configure({ timeout: 150_000 }); // many pages, each looked at twice

for (const [where, walk] of Object.entries(walks)) {
  test(`every page is accessible: ${where}`, async ({
    page,
    stack,
    portcullis,
    person,
    inbox,
    shop,
    forum,
    dashboard,
    signInPage,
    signOutPage,
  }) => {
    const at = (name: string) => expectAccessible(page, name);
    await walk({ page, stack, portcullis, person, inbox, shop, forum, dashboard, signInPage, signOutPage, at });
  });
}
