import type { Page } from '@playwright/test';
import type { Portcullis } from '../command-line.ts';
import type { Pages } from '../fixtures.ts';
import type { MailInbox } from '../pages/mail-inbox.ts';
import type { Person } from '../people.ts';
import type { Stack } from '../stack.ts';

/** A way through pages, for whoever wants to see each of them: it stops at every one and says its name. */
export type Walk = (traveller: Traveller) => Promise<void>;
type Traveller = Pages & {
  page: Page;
  stack: Stack;
  portcullis: Portcullis;
  person: Person;
  inbox: MailInbox;
  at: (name: string) => Promise<void>;
};
