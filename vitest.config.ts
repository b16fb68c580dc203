/**
 * The tests that need no page in a browser. `unit` and `integration` stand beside the sources, and only the latter may use
 * the network; `security` and `resilience` try the whole site, in one process and as real ones. `firefox` holds the
 * stories that a second engine tells; all others in e2e/ are Playwright's.
 */
import { defineConfig } from 'vitest/config';

const integration = '{apps,packages,scripts}/**/*.integration.test.{ts,tsx}';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', integration],
          // Here and below: a bound against hanging, not a measure.
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
      // One after another, since each wants the machine for itself.
      {
        test: {
          name: 'resilience',
          include: ['test/resilience/*.test.ts'],
          testTimeout: 30 * 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
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
