import type { Locator, Page } from '@playwright/test';

/** What a person can see and do where Portcullis asks whether somebody else's application may. */
export class ConsentPage {
  readonly allow: Locator;
  readonly deny: Locator;
  readonly notYou: Locator;
  /** What is asked for now, and what was allowed before. */
  readonly fresh: Locator;
  readonly already: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.allow = page.getByRole('button', { name: 'Allow', exact: true });
    this.deny = page.getByRole('button', { name: 'Deny', exact: true });
    this.notYou = page.getByRole('button', { name: 'Not you?' });
    this.fresh = page.getByRole('list', { name: /^It (also )?wants to$/ }).getByRole('listitem');
    this.already = page.getByRole('list', { name: 'It may already' }).getByRole('listitem');
  }

  asks(application: string): Locator {
    return this.#page.getByRole('heading', { name: `${application} asks for access` });
  }

  asksFor(email: string): Locator {
    return this.#page.locator('.identity').getByText(`Signed in as ${email}`, { exact: true });
  }

  leadsTo(domain: string): Locator {
    return this.#page.getByText(`You will be sent to ${domain}`, { exact: true });
  }
}
