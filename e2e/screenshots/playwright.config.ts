import { defineConfig } from '@playwright/test';
import journeys from '../../playwright.config.ts';

/** Not tests: walks through every page, which take its picture on a phone and a desk, by day and by night. */
export default defineConfig(journeys, {
  testDir: '.',
  testMatch: '**/*.tour.ts',
  outputDir: '../../test-results/screenshots',
  globalSetup: '../../infra/scripts/e2e-setup.mjs',
  retries: 0,
  timeout: 240_000,
  use: { actionTimeout: 10_000, contextOptions: { reducedMotion: 'reduce' } },
});
