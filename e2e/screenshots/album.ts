import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../stack.ts';
import { journey } from '../walks/walk.ts';

const widths = [360, 1280];
const schemes = ['light', 'dark'] as const;

type Album = { shoot: (name: string) => Promise<void> };

/** `shoot` takes the whole page's picture in every scheme and width, into the folder of the tour. */
export const test = journey.extend<Album>({
  shoot: async ({ page }, use, { title }) => {
    const folder = join(root, 'screenshots', title);
    let count = 0;
    await mkdir(folder, { recursive: true });
    await use(async (name) => {
      count += 1;
      const number = String(count).padStart(2, '0');
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.screenshot({
            path: join(folder, `${number} ${name}, ${width} ${colorScheme}.png`),
            fullPage: true,
          });
        }
      }
    });
  },
});
