import type { Locator, Page } from '@playwright/test';
import type { Person } from '../people.ts';
import { SignInPage } from './sign-in-page.ts';

/** What a person can see and do about their own account. */
export class AccountConsole {
  readonly page: Page;
  readonly toast: Locator;
  readonly sessions: Locator;
  readonly applications: Locator;
  readonly codes: Locator;
  readonly #url: string;

  constructor(page: Page, provider: string) {
    this.page = page;
    this.#url = provider;
    this.toast = page.getByRole('status');
    this.sessions = page.getByRole('table', { name: 'Where you are signed in' }).getByRole('row');
    this.applications = page.getByRole('table', { name: 'Applications with access' }).getByRole('row');
    this.codes = page.locator('#codes code');
  }

  async open(path = ''): Promise<void> {
    await this.page.goto(`${this.#url}/account${path}`);
  }

  async signIn(person: Pick<Person, 'email' | 'password'>, path = ''): Promise<void> {
    await this.open(path);
    await new SignInPage(this.page).signIn(person);
    await this.page.waitForURL(`${this.#url}/account${path}`);
  }

  /** Something that a form does, or a link. */
  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).click();
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.page.getByRole('link', { name }).click();
  }
}
