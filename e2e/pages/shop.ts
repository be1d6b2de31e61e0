import type { Locator, Page } from '@playwright/test';
import { Application } from './application.ts';

export class Shop extends Application {
  readonly thanks: Locator;

  constructor(page: Page, url: string) {
    super(page, 'Shop', url);
    this.thanks = page.getByRole('status').getByText('Your order is in our book');
  }

  async putInBasket(product: string): Promise<void> {
    await this.open();
    await this.page.getByRole('link', { name: product }).click();
    await this.page.getByRole('button', { name: 'Put in the basket' }).click();
  }

  /** From the basket to the order's own page. */
  async checkOut(): Promise<void> {
    await this.page.getByRole('link', { name: 'Check out' }).click();
    await this.page.getByLabel('Street and number').fill('1 Gate Lane');
    await this.page.getByLabel('Postcode').fill('12345');
    await this.page.getByLabel('Town or city').fill('Wallingford');
    await this.page.getByLabel('Country').selectOption('Norway');
    await this.page.getByRole('button', { name: 'Place the order' }).click();
  }

  /** The number in the heading of the order's page. */
  async orderNumber(): Promise<string> {
    const heading = await this.page.getByRole('heading', { name: /^Order \d+$/ }).textContent();
    return String(heading).replace(/\D/g, '');
  }
}
