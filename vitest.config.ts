import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'infra/scripts/*.test.mjs'],
    // Node itself loads the tests, types stripped: what production refuses, tests refuse. No vi.mock, so no loader either.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    pool: 'forks',
    maxWorkers: 4, // most of a test's time is waiting for what must become so
    retry: 1, // a crowded machine; what needed it is named at the end of the run
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
