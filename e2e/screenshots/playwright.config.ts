import { defineConfig } from '@playwright/test';
import { browser } from '../browser.ts';

/** Not tests: walks through every page, which take its picture on a phone and a desk, by day and by night. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.tour.ts',
  outputDir: '../../test-results/screenshots',
  globalSetup: '../../infra/scripts/e2e-setup.mjs',
  fullyParallel: true,
  workers: 2,
  timeout: 240_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: { ...browser, actionTimeout: 10_000, contextOptions: { reducedMotion: 'reduce' } },
});
