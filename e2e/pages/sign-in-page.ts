import type { Locator, Page } from '@playwright/test';
import { generate } from 'otplib';
import type { Person } from '../people.ts';

/** What a person can see and do where Portcullis asks who they are. */
export class SignInPage {
  readonly page: Page;
  readonly heading: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly remember: Locator;
  readonly submit: Locator;
  readonly withPasskey: Locator;
  /** Of the second step. */
  readonly passkeyToo: Locator;
  readonly code: Locator;
  readonly trust: Locator;
  readonly confirm: Locator;
  readonly cancel: Locator;
  readonly alert: Locator;
  /** In place of the form, once the password was right. */
  readonly blocked: Locator;
  /** In place of the form, when the sign-in it was for has ended. */
  readonly tooLate: Locator;

  constructor(page: Page) {
    this.page = page;
    this.heading = page.getByRole('heading', { name: 'Sign in', exact: true });
    this.email = page.getByLabel('Email', { exact: true });
    this.password = page.getByLabel('Password', { exact: true });
    this.remember = page.getByLabel('Keep me signed in');
    this.submit = page.getByRole('button', { name: 'Sign in', exact: true });
    this.withPasskey = page.getByRole('button', { name: 'Continue with a passkey' });
    this.passkeyToo = page.getByRole('button', { name: 'Use a passkey' });
    this.code = page.getByRole('textbox', { name: /code|digits/i });
    this.trust = page.getByLabel('Trust this device for 30 days');
    this.confirm = page.getByRole('button', { name: 'Continue', exact: true });
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

  /** Another way of the second step. */
  way(name: 'Authenticator app' | 'Recovery code'): Locator {
    return this.page.getByRole('link', { name });
  }

  /** Sets up an authenticator where one is demanded; answers its secret and the recovery codes. */
  async enrolAuthenticator(): Promise<{ secret: string; recoveryCodes: string[] }> {
    await this.page.getByRole('link', { name: 'Use an authenticator app' }).click();
    const secret = (await this.page.locator('#authenticator-secret').innerText()).replaceAll(/\s/g, '');
    await this.code.fill(await generate({ secret }));
    await this.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    const recoveryCodes = await this.page.locator('#recovery-codes code').allInnerTexts();
    await this.page.getByRole('button', { name: 'I have kept them' }).click();
    return { secret, recoveryCodes };
  }
}
