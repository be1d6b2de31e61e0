import type { Locator, Page } from '@playwright/test';

/** Where Portcullis asks what a sign-out is meant for. */
export class SignOutPage {
  readonly heading: Locator;
  readonly everywhere: Locator;
  readonly stay: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { name: 'Sign out?' });
    this.everywhere = page.getByRole('button', { name: 'Sign out everywhere' });
    this.stay = page.getByRole('link', { name: 'Stay signed in' });
  }

  fromJust(application: string): Locator {
    return this.#page.getByRole('button', { name: `Sign out of ${application} only` });
  }
}
