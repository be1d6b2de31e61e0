import { walks } from '../walks/index.ts';
import { test } from './album.ts';

for (const [title, walk] of Object.entries(walks)) {
  test(
    title,
    async ({ page, stack, portcullis, person, inbox, shop, forum, dashboard, signInPage, signOutPage, shoot }) =>
      walk({ page, stack, portcullis, person, inbox, shop, forum, dashboard, signInPage, signOutPage, at: shoot }),
  );
}
