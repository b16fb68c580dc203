/**
 * The tests beside the sources: `unit` needs no network, `integration` may. The stories in e2e/ are
 * Playwright's.
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
        },
      },
      // Real processes on whatever machine this is: a bound against hanging, not a measure.
      { test: { name: 'integration', include: [integration], testTimeout: 60_000 } },
    ],
  },
});
