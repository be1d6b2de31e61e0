import { defineConfig } from '@playwright/test';
import { browser } from './e2e/browser.ts';

export default defineConfig({
  testDir: 'e2e/journeys',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './infra/scripts/e2e-setup.mjs',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  retries: 1, // a crowded machine; what needed it is named at the end of the run
  workers: 3, // most of a journey is waiting for pages
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: browser,
});
