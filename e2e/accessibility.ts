import { expect, type Page } from '@playwright/test';
import axe, { type RunOnly } from 'axe-core';
import { keyboardFaults } from './keyboard.ts';

const all: RunOnly = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
/** What only colours can change. */
const ofColours: RunOnly = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
/** A phone and a desk, each by day and by night: all rules once in each scheme and once at each width. */
const sights = [
  {
    width: 360,
    schemes: [
      { colorScheme: 'light', rules: ofColours },
      { colorScheme: 'dark', rules: all },
    ],
  },
  {
    width: 1280,
    schemes: [
      { colorScheme: 'dark', rules: ofColours },
      { colorScheme: 'light', rules: all },
    ],
  },
] as const;
const wide = 1600;

/**
 * Nothing of WCAG 2.2 AA that a machine can find, in both schemes and at both widths; every control reached by keyboard
 * alone; and nothing to scroll sideways. The page is what it was afterwards.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await expect(page).toHaveTitle(/\S/);
  await page.evaluate(axe.source);
  for (const { width, schemes } of sights) {
    await page.setViewportSize({ width, height: 800 });
    for (const { colorScheme, rules } of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect.soft(await violations(page, rules), `${name}, ${colorScheme}, ${width} px`).toEqual([]);
    }
    expect.soft(await keyboardFaults(page), `${name}, by keyboard, ${width} px`).toEqual([]);
    await expectNothingSideways(page, name);
  }
  await page.setViewportSize({ width: wide, height: 800 });
  await expectNothingSideways(page, name);
}

function violations(page: Page, rules: RunOnly): Promise<string[]> {
  return page.evaluate(async (runOnly) => {
    // Without `preload` it does not fetch style sheets again, which none of these rules reads.
    const options = { runOnly, resultTypes: ['violations' as const], preload: false };
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, options);
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }, rules);
}

async function expectNothingSideways(page: Page, name: string): Promise<void> {
  const [over, width] = await page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    return [scrollWidth - window.innerWidth, window.innerWidth] as const;
  });
  expect.soft(over, `${name}, sideways at ${width} px`).toBeLessThanOrEqual(0);
}
