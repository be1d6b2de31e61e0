import type { Locator, Page } from '@playwright/test';
import type { Person } from '../people.ts';

/** What a person can see and do where Portcullis asks who they are. */
export class SignInPage {
  readonly heading: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly remember: Locator;
  readonly submit: Locator;
  readonly withPasskey: Locator;
  readonly cancel: Locator;
  readonly alert: Locator;
  /** In place of the form, once the password was right. */
  readonly blocked: Locator;
  /** In place of the form, when the sign-in it was for has ended. */
  readonly tooLate: Locator;

  constructor(page: Page) {
    this.heading = page.getByRole('heading', { name: 'Sign in', exact: true });
    this.email = page.getByLabel('Email', { exact: true });
    this.password = page.getByLabel('Password', { exact: true });
    this.remember = page.getByLabel('Keep me signed in');
    this.submit = page.getByRole('button', { name: 'Sign in', exact: true });
    this.withPasskey = page.getByRole('button', { name: 'Continue with a passkey' });
    this.cancel = page.getByRole('button', { name: /^Cancel and go back/ });
    this.alert = page.getByRole('alert');
    this.blocked = page.getByRole('heading', { name: 'This account is blocked' });
    this.tooLate = page.getByRole('heading', { name: 'That took too long' });
  }

  async signIn({ email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.submit.click();
  }
}
