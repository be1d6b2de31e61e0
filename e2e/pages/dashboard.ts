import type { Locator, Page } from '@playwright/test';
import { Application } from './application.ts';

export class Dashboard extends Application {
  readonly orders: Locator;
  readonly posts: Locator;

  constructor(page: Page, url: string) {
    super(page, 'Dashboard', url);
    this.orders = page.getByRole('region', { name: 'Latest orders' });
    this.posts = page.getByRole('region', { name: 'Latest posts' });
  }
}
