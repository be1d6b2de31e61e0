import type { Locator, Page } from '@playwright/test';

/** Where people look after their passkeys, in their account. */
export class PasskeysPage {
  readonly heading: Locator;
  readonly list: Locator;
  readonly name: Locator;
  readonly add: Locator;
  readonly alert: Locator;
  readonly #page: Page;
  readonly #url: string;

  constructor(page: Page, provider: string) {
    this.#page = page;
    this.#url = `${provider}/account/security/passkeys`;
    this.heading = page.getByRole('heading', { name: 'Passkeys', level: 1 });
    this.list = page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');
    this.name = page.getByLabel('Name of the passkey (optional)');
    this.add = page.getByRole('button', { name: 'Add a passkey' });
    this.alert = page.getByRole('alert');
  }

  async open(): Promise<void> {
    await this.#page.goto(this.#url);
  }

  async rename(from: string, to: string): Promise<void> {
    const row = this.list.filter({ hasText: from });
    await row.locator('summary').click();
    await row.getByLabel('Name').fill(to);
    await row.getByRole('button', { name: 'Rename' }).click();
  }

  async remove(name: string): Promise<void> {
    await this.list
      .filter({ hasText: name })
      .getByRole('button', { name: /^Remove/ })
      .click();
  }
}
