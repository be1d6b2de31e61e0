import type { Locator, Page } from '@playwright/test';

/** What a person meets who has no account yet, from the address over the letter to the end. */
export class RegistrationPage {
  readonly page: Page;
  /** On the sign-in page. */
  readonly wayIn: Locator;
  readonly email: Locator;
  readonly send: Locator;
  readonly sent: Locator;
  readonly resend: Locator;
  readonly wait: Locator;
  readonly sentAgain: Locator;
  readonly name: Locator;
  readonly password: Locator;
  /** What is said of the password while it is typed. */
  readonly judgement: Locator;
  readonly passwordError: Locator;
  readonly create: Locator;
  readonly done: Locator;
  readonly goOn: Locator;
  readonly deadLink: Locator;

  constructor(page: Page) {
    this.page = page;
    this.wayIn = page.getByRole('link', { name: 'Create an account' });
    this.email = page.getByLabel('Email', { exact: true });
    this.send = page.getByRole('button', { name: 'Send me the link' });
    this.sent = page.getByRole('heading', { name: 'Look into your inbox' });
    this.resend = page.getByRole('button', { name: 'Send it again' });
    this.wait = page.getByText(/^You can have it sent again in \d+ s\.$/);
    this.sentAgain = page.getByText('We have sent it once more.');
    this.name = page.getByLabel('Name', { exact: true });
    this.password = page.getByLabel('New password', { exact: true });
    this.judgement = page.getByRole('main').getByRole('status');
    this.passwordError = page.locator('#password-error');
    this.create = page.getByRole('button', { name: 'Create the account' });
    this.done = page.getByRole('heading', { name: 'Your account is ready' });
    this.goOn = page.getByRole('link', { name: 'Continue to sign in' });
    this.deadLink = page.getByRole('heading', { name: 'This link no longer works' });
  }

  async askFor(email: string): Promise<void> {
    await this.email.fill(email);
    await this.send.click();
  }

  async complete({ name, password }: { name: string; password: string }): Promise<void> {
    await this.name.fill(name);
    await this.password.fill(password);
    await this.create.click();
  }
}
