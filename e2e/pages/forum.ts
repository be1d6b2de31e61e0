import type { Locator, Page } from '@playwright/test';
import { Application } from './application.ts';

export class Forum extends Application {
  readonly posts: Locator;

  constructor(page: Page, url: string) {
    super(page, 'Forum', url);
    this.posts = page.getByRole('article');
  }

  /** In the first category there is. */
  async startThread({ title, body }: { title: string; body: string }): Promise<void> {
    await this.open();
    await this.page.getByRole('main').getByRole('listitem').first().getByRole('heading').getByRole('link').click();
    await this.page.getByRole('link', { name: 'New thread' }).click();
    await this.page.getByLabel('Title').fill(title);
    await this.page.getByLabel('Your post').fill(body);
    await this.page.getByRole('button', { name: 'Start the thread' }).click();
  }
}
