/**
 * Vitest's projects. `unit` and `integration` tests are beside the sources; only the latter use the network
 * or other processes. `security` attacks the whole site in one process, `resilience` tests it as real
 * processes. `firefox` has the stories for a second browser engine; Playwright runs the other stories in
 * e2e/.
 */
import { defineConfig } from 'vitest/config';

const integration = '{apps,packages,scripts}/**/*.integration.test.{ts,tsx}';

const resilience = {
  include: ['test/resilience/*.test.ts'],
  testTimeout: 30 * 60_000,
  hookTimeout: 120_000,
  // Each test needs the machine for itself.
  fileParallelism: false,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', integration],
          // Here and below: long enough for a slow machine, so that only a test that hangs runs into it.
          testTimeout: 30_000,
        },
      },
      { test: { name: 'integration', include: [integration], testTimeout: 60_000 } },
      {
        test: {
          name: 'security',
          include: ['test/security/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { ...resilience, name: 'resilience' } },
      { test: { ...resilience, name: 'resilience-long', env: { RESILIENCE: 'long' } } },
      {
        test: {
          name: 'firefox',
          include: ['e2e/firefox/*.test.ts'],
          globalSetup: 'e2e/page-is-built.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
