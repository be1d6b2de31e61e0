import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type PlaywrightTestOptions, type PlaywrightWorkerOptions } from '@playwright/test';

/** The browser of every walk through the pages. */
export const browser: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  browserName: 'chromium',
  locale: 'en-GB',
  screenshot: 'only-on-failure',
  trace: 'on-first-retry',
  launchOptions: {
    ...ownChromium(),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  },
};

/** Playwright's own build where it is installed, else the one on PATH; without windows to draw it takes a quarter of the time. */
function ownChromium(): { executablePath?: string } {
  if (existsSync(chromium.executablePath())) return {};
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  return found ? { executablePath: found } : {};
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
