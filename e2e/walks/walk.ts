import type { Page } from '@playwright/test';
import type { Portcullis } from '../command-line.ts';
import { type Pages, pagesOf, test } from '../fixtures.ts';
import type { Letter, MailInbox } from '../pages/mail-inbox.ts';
import type { Person } from '../people.ts';
import type { Stack } from '../stack.ts';

/** A way through pages, for whoever wants to see each of them: it stops at every one and says its name. */
export type Walk = (traveller: Traveller) => Promise<void>;
type Traveller = Pages & {
  page: Page;
  stack: Stack;
  portcullis: Portcullis;
  person: Person;
  nextPerson: () => Promise<Person>;
  nextOperator: () => Promise<Person>;
  inbox: MailInbox;
  at: (name: string) => Promise<void>;
};

/** With everything a walk needs but where it stops. */
export const journey = test.extend<{ traveller: Omit<Traveller, 'at'> }>({
  traveller: async ({ page, stack, portcullis, person, nextPerson, nextOperator, inbox }, use) =>
    use({ ...pagesOf(page, stack), page, stack, portcullis, person, nextPerson, nextOperator, inbox }),
});

/** As a mail program does: nothing of our pages is around it. */
export async function openLetter(page: Page, { html }: Letter): Promise<void> {
  await page.goto('about:blank');
  await page.setContent(html);
}
