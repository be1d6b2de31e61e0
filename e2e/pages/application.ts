import type { Locator, Page } from '@playwright/test';

export type ApplicationName = 'Shop' | 'Forum' | 'Dashboard';

/** What all applications of the family have in common: the bar that leads to the others, who is signed in, the way in and out. */
export class Application {
  readonly page: Page;
  readonly url: string;
  readonly name: ApplicationName;
  readonly signIn: Locator;
  readonly signOut: Locator;
  readonly #banner: Locator;

  constructor(page: Page, name: ApplicationName, url: string) {
    this.page = page;
    this.name = name;
    this.url = url;
    this.#banner = page.getByRole('banner');
    this.signIn = this.#banner.getByRole('link', { name: 'Sign in' });
    this.signOut = page.getByRole('button', { name: 'Sign out' });
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(new URL(path, this.url).href);
  }

  /** The person's name, where the application shows who is signed in. */
  greeting(name: string): Locator {
    return this.#banner.getByText(name, { exact: true });
  }

  async walkTo(other: ApplicationName): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Applications' }).getByRole('link', { name: other }).click();
  }

  /** The next thing a person would click, whatever page of it they are on. */
  async clickOn(): Promise<void> {
    const link = { Shop: 'My orders', Forum: 'Categories', Dashboard: 'Dashboard' }[this.name];
    await this.#banner.getByRole('link', { name: link, exact: true }).click();
  }

  /** The page that says that the session is over, and why. */
  get ending(): { heading: Locator; reason: (words: RegExp | string) => Locator } {
    return {
      heading: this.page.getByRole('heading', { name: 'You were signed out' }),
      reason: (words) => this.page.getByRole('main').getByText(words),
    };
  }
}
