import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

test.use({ locale: 'de-DE', viewport: { width: 360, height: 800 } });

test('on a phone that speaks German, shop, sign-in, forum and dashboard do too; the language of the account comes first', async ({
  page,
  stack,
  person,
  shop,
  forum,
  dashboard,
}) => {
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (name: string) => page.getByRole('link', { name, exact: true }).click();

  await shop.open();
  await speaks(page, 'de', 'Für alle, die das Tor hüten');
  await follow('Watch Lantern');
  await press('In den Warenkorb');
  await speaks(page, 'de', 'Ihr Warenkorb');
  await follow('Zur Kasse');
  await page.getByLabel('E-Mail-Adresse').fill(person.email);
  await page.getByLabel('Passwort', { exact: true }).fill(person.password);
  await speaks(page, 'de', 'Anmelden');
  await press('Anmelden');
  await press('Bestellen');
  await expect(page.getByText('Welche Straße und welche Hausnummer?')).toBeVisible();
  await speaks(page, 'de', 'Zur Kasse');
  await page.getByLabel('Straße und Hausnummer').fill('Torgasse 1');
  await page.getByLabel('Postleitzahl').fill('1010');
  await page.getByLabel('Ort', { exact: true }).fill('Wien');
  await page.getByLabel('Land', { exact: true }).selectOption('Österreich');
  await press('Bestellen');
  await speaks(page, 'de', /^Bestellung \d+$/);
  await expect(page.getByRole('cell', { name: '49,00 €' }).first()).toBeVisible();

  await page.getByRole('navigation', { name: 'Anwendungen' }).getByRole('link', { name: 'Forum' }).click();
  await speaks(page, 'de', 'Das Forum');
  await forum.open('/categories/courtyard/new');
  await page.getByLabel('Titel').fill('Scharniere');
  await press('Thema beginnen');
  await expect(page.getByText('Schreiben Sie zuerst etwas.')).toBeVisible();
  await speaks(page, 'de', 'Neues Thema');
  await page.getByLabel('Ihr Beitrag').fill('Vor der Belagerung ölen.');
  await press('Thema beginnen');
  await speaks(page, 'de', 'Scharniere');

  await page.getByRole('navigation', { name: 'Anwendungen' }).getByRole('link', { name: 'Dashboard' }).click();
  await speaks(page, 'de', `Guten Tag, ${person.name}`);
  for (const region of ['Letzte Bestellungen', 'Letzte Beiträge', 'Ausgaben pro Tag'])
    await expect(page.getByRole('region', { name: region })).toBeVisible();
  await dashboard.open('/?of=everyone');
  await speaks(page, 'de', 'Das ist Ihnen nicht erlaubt');

  await page.goto(`${stack.urls.idp}/account`);
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('Español');
  await press('Speichern');
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await page.context().clearCookies({ name: /forum/ });
  await forum.open('/sign-in');
  await speaks(page, 'es', 'El foro');
});

/** The page is in this language, has this heading, and nothing of it is wider than the screen. */
async function speaks(page: Page, language: string, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}
