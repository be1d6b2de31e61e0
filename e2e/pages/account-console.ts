import { expect, type Locator, type Page } from '@playwright/test';
import { generate } from 'otplib';
import type { Person } from '../people.ts';
import { SignInPage } from './sign-in-page.ts';

/** What a person can see and do about their own account. */
export class AccountConsole {
  readonly page: Page;
  readonly toast: Locator;
  readonly sessions: Locator;
  readonly applications: Locator;
  readonly codes: Locator;
  /** The field for a file. */
  readonly picture: Locator;
  readonly portrait: Locator;
  readonly #url: string;

  constructor(page: Page, provider: string) {
    this.page = page;
    this.#url = provider;
    this.toast = page.getByRole('status');
    this.sessions = page.getByRole('table', { name: 'Where you are signed in' }).getByRole('row');
    this.applications = page.getByRole('table', { name: 'Applications with access' }).getByRole('row');
    this.codes = page.locator('#codes code');
    this.picture = page.getByLabel('Choose a picture');
    this.portrait = page.getByRole('img', { name: 'Your picture' });
  }

  async choosePicture(file: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
    await this.picture.setInputFiles(file);
    await this.press('Use this picture');
  }

  async open(path = ''): Promise<void> {
    await this.page.goto(`${this.#url}/account${path}`);
  }

  async signIn(person: Pick<Person, 'email' | 'password'>, path = ''): Promise<void> {
    await this.open(path);
    await new SignInPage(this.page).signIn(person);
    await this.page.waitForURL(`${this.#url}/account${path}`);
  }

  /** For who is signed in well enough; answers the secret of the authenticator. */
  async setUpAuthenticator(): Promise<string> {
    await this.open('/security/authenticator');
    const secret = (await this.page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
    const { code } = new SignInPage(this.page);
    await code.fill(await generate({ secret }));
    await this.press('Confirm');
    await expect(code).toBeHidden();
    return secret;
  }

  /** Something that a form does, or a link. */
  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).click();
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.page.getByRole('link', { name }).click();
  }
}
