import { expect, type Locator, type Page } from '@playwright/test';

/** Goes on with Tab until it is there, and presses the key; typing comes afterwards. */
export async function tabTo(page: Page, target: Locator, key?: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(target).toBeFocused({ timeout: 1 });
  }).toPass({ intervals: [0] });
  if (key !== undefined) await page.keyboard.press(key);
}
