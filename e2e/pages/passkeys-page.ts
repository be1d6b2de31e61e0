import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from '../people.ts';
import { AccountConsole } from './account-console.ts';
import { SignInPage } from './sign-in-page.ts';

/** Where people look after their passkeys, in their account. */
export class PasskeysPage {
  readonly list: Locator;
  readonly name: Locator;
  readonly add: Locator;
  readonly alert: Locator;
  readonly #page: Page;
  readonly #codes: Locator;
  readonly #url: string;

  constructor(page: Page, provider: string) {
    this.#page = page;
    this.#codes = new AccountConsole(page, provider).codes;
    this.#url = `${provider}/account/security/passkeys`;
    this.list = page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');
    this.name = page.getByLabel('Name of the passkey (optional)');
    this.add = page.getByRole('button', { name: 'Add a passkey' });
    this.alert = page.getByRole('alert');
  }

  async open(): Promise<void> {
    await this.#page.goto(this.#url);
  }

  /** Signs in by password, and adds a passkey to an account that had no second factor; answers the recovery codes it gets. */
  async addFirst(person: Person, name = ''): Promise<string[]> {
    await this.open();
    await new SignInPage(this.#page).signIn(person);
    await this.name.fill(name);
    await this.add.click();
    await expect(this.#codes).toHaveCount(10);
    return this.#codes.allInnerTexts();
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
