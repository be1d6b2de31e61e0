import type { Locator, Page } from '@playwright/test';
import type { Person } from '../people.ts';
import { SignInPage } from './sign-in-page.ts';

/** What an operator can see and do in the console. */
export class AdminConsole {
  readonly page: Page;
  readonly url: string;
  readonly heading: Locator;
  readonly notice: Locator;
  readonly search: Locator;
  readonly rows: Locator;
  readonly reason: Locator;
  readonly message: Locator;
  readonly lookItOver: Locator;
  readonly confirmBan: Locator;
  /** What a ban would end, in a sentence. */
  readonly impact: Locator;
  readonly receipts: Locator;
  /** The receipts in one line. */
  readonly headline: Locator;

  constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
    this.heading = page.getByRole('heading', { level: 1 });
    this.notice = page.getByRole('main').getByRole('status');
    this.search = page.getByRole('searchbox');
    this.rows = page.getByRole('table').getByRole('row');
    this.reason = page.getByLabel('Reason');
    this.message = page.getByLabel('Message to the person');
    this.lookItOver = page.getByRole('button', { name: 'Look it over' });
    this.confirmBan = page.getByRole('button', { name: /^Ban .* now$/ });
    this.impact = page.getByText(/will end\.|nothing will end/i);
    this.receipts = page.getByRole('region', { name: 'Receipts' });
    this.headline = this.receipts.getByRole('status');
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(new URL(path, this.url).href);
  }

  /** From a closed browser, by somebody who has no second factor yet, to the page that was asked for. */
  async enter(path: string, person: Pick<Person, 'email' | 'password'>): Promise<void> {
    const signInPage = new SignInPage(this.page);
    await this.open(path);
    await signInPage.signIn(person);
    await signInPage.enrolAuthenticator();
    await this.page.waitForURL((url) => url.origin === new URL(this.url).origin);
  }

  async goTo(section: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Admin' }).getByRole('link', { name: section }).click();
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole('main').getByRole('navigation').getByRole('link', { name, exact: true }).click();
  }

  async find(text: string): Promise<void> {
    await this.search.fill(text);
    await this.search.press('Enter');
  }

  async openAccount({ email, name }: Pick<Person, 'email' | 'name'>): Promise<void> {
    await this.open('/accounts');
    await this.find(email);
    await this.page.getByRole('rowheader', { name }).getByRole('link').click();
  }

  /** By its whole name, or by a pattern. */
  link(name: string | RegExp): Locator {
    return this.page.getByRole('main').getByRole('link', { name, exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  async pick({ name }: Pick<Person, 'name'>): Promise<void> {
    await this.page.getByLabel(`Pick ${name}`).check();
  }
}
