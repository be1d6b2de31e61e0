import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** By night only the colours differ. */
const rulesOfColour = ['color-contrast', 'link-in-text-block'];
const widths = [360, 1280];
const schemes = ['light', 'dark'] as const;

/** Nothing of WCAG 2.2 AA that a machine can find, and nothing to scroll sideways, on a phone and a desk, by day and night. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await expect(page).toHaveTitle(/\S/);
  for (const colorScheme of schemes) {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const axe = new AxeBuilder({ page }).setLegacyMode(true);
      const chosen = colorScheme === 'light' ? axe.withTags(rules) : axe.withRules(rulesOfColour);
      const { violations } = await chosen.analyze();
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (sideways > 0) found.push(`scrolls sideways by ${sideways} px`);
      expect.soft(found, `${name}, ${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}
