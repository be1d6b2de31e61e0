import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test as journey } from '../fixtures.ts';
import { root } from '../stack.ts';
import type { Page } from '@playwright/test';

const widths = [360, 1280];
const schemes = ['light', 'dark'] as const;

type Album = { shoot: (name: string, of?: Page) => Promise<void> };

/** `shoot` takes the whole page's picture in every scheme and width, into the folder of the tour. */
export const test = journey.extend<Album>({
  shoot: async ({ page }, use, { title }) => {
    const folder = join(root, 'screenshots', title);
    let count = 0;
    await mkdir(folder, { recursive: true });
    await use(async (name, of = page) => {
      count += 1;
      const number = String(count).padStart(2, '0');
      for (const width of widths) {
        await of.setViewportSize({ width, height: 800 });
        for (const colorScheme of schemes) {
          await of.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await of.screenshot({ path: join(folder, `${number} ${name}, ${width} ${colorScheme}.png`), fullPage: true });
        }
      }
    });
  },
});
