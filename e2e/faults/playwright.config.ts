import { defineConfig } from '@playwright/test';

/** What breaks here is a stack of the test's own: nothing is set up for all, and no browser is needed. */
export default defineConfig({
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results/faults',
  forbidOnly: Boolean(process.env['CI']),
  retries: 1,
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
});
