import { expectAccessible } from '../accessibility.ts';
import { walks } from '../walks/index.ts';
import { journey } from '../walks/walk.ts';

journey.describe.configure({ timeout: 150_000 }); // many pages, each looked at in four ways

for (const [where, walk] of Object.entries(walks))
  journey(`every page is accessible, and all of it by keyboard: ${where}`, async ({ page, traveller }) =>
    walk({ ...traveller, at: (name) => expectAccessible(page, name) }),
  );
