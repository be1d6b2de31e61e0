import { test as base, type Page } from '@playwright/test';
import { commandLine, type Portcullis } from './command-line.ts';
import { Dashboard } from './pages/dashboard.ts';
import { Forum } from './pages/forum.ts';
import { MailInbox } from './pages/mail-inbox.ts';
import { Shop } from './pages/shop.ts';
import { SignInPage } from './pages/sign-in-page.ts';
import { SignOutPage } from './pages/sign-out-page.ts';
import { bringIn, type Person } from './people.ts';
import { type TestClient, declareClient } from './test-client.ts';
import { stackOfThisRun, type Stack } from './stack.ts';

export type Pages = {
  shop: Shop;
  forum: Forum;
  dashboard: Dashboard;
  signInPage: SignInPage;
  signOutPage: SignOutPage;
};

/** Everything a person meets, as seen through one tab. */
export function pagesOf(page: Page, { urls }: Pick<Stack, 'urls'>): Pages {
  return {
    shop: new Shop(page, urls.shop),
    forum: new Forum(page, urls.forum),
    dashboard: new Dashboard(page, urls.dashboard),
    signInPage: new SignInPage(page),
    signOutPage: new SignOutPage(page),
  };
}

type Fixtures = Pages & {
  person: Person;
  /** Every letter that the stack has sent. */
  inbox: MailInbox;
};
type WorkerFixtures = {
  stack: Stack;
  portcullis: Portcullis;
  /** Nobody meets the same person twice, so journeys run side by side. */
  nextPerson: () => Promise<Person>;
  /** Each with a role `admin` and no second factor yet. */
  nextOperator: () => Promise<Person>;
  /** A confidential client of the family's resource, declared for this worker. */
  client: TestClient;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  stack: [async ({}, use) => use(stackOfThisRun()), { scope: 'worker' }],
  portcullis: [async ({ stack }, use) => use(commandLine(stack)), { scope: 'worker' }],
  nextPerson: [async ({ portcullis }, use) => use(crowd(portcullis)), { scope: 'worker' }],
  nextOperator: [async ({ portcullis }, use) => use(crowd(portcullis, ['admin'])), { scope: 'worker' }],
  client: [async ({ stack, portcullis }, use) => use(await declareClient(stack, portcullis)), { scope: 'worker' }],

  person: async ({ nextPerson }, use) => use(await nextPerson()),
  inbox: async ({ stack }, use) => use(new MailInbox(stack.urls.mail)),
  shop: async ({ page, stack }, use) => use(pagesOf(page, stack).shop),
  forum: async ({ page, stack }, use) => use(pagesOf(page, stack).forum),
  dashboard: async ({ page, stack }, use) => use(pagesOf(page, stack).dashboard),
  signInPage: async ({ page }, use) => use(new SignInPage(page)),
  signOutPage: async ({ page }, use) => use(new SignOutPage(page)),
});

export { expect } from '@playwright/test';

/** People by the dozen: each start of the command line takes its time. */
export function crowd(portcullis: Portcullis, roles: string[] = []): () => Promise<Person> {
  let waiting: Person[] = [];
  return async () => {
    if (waiting.length === 0) waiting = await bringIn(portcullis, 24, roles);
    const next = waiting.pop();
    if (!next) throw new Error('nobody came');
    return next;
  };
}
