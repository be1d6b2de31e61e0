import type { Locator, Page } from '@playwright/test';

/** What a person meets who no longer knows the password. */
export class ResetPasswordPage {
  /** On the sign-in page. */
  readonly wayIn: Locator;
  readonly email: Locator;
  readonly send: Locator;
  readonly sent: Locator;
  readonly resend: Locator;
  readonly wait: Locator;
  readonly password: Locator;
  readonly passwordError: Locator;
  readonly set: Locator;
  readonly done: Locator;
  readonly goOn: Locator;

  constructor(page: Page) {
    this.wayIn = page.getByRole('link', { name: 'Forgot your password?' });
    this.email = page.getByLabel('Email', { exact: true });
    this.send = page.getByRole('button', { name: 'Send me the link' });
    this.sent = page.getByRole('heading', { name: 'Look into your inbox' });
    this.resend = page.getByRole('button', { name: 'Send it again' });
    this.wait = page.getByText(/^You can have it sent again in \d+ s\.$/);
    this.password = page.getByLabel('New password', { exact: true });
    this.passwordError = page.locator('#password-error');
    this.set = page.getByRole('button', { name: 'Set the password' });
    this.done = page.getByRole('heading', { name: 'Your password is set' });
    this.goOn = page.getByRole('link', { name: 'Continue to sign in' });
  }
}
