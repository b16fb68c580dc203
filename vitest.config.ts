/**
 * All tests except Playwright's. `unit` and `integration` tests are beside their sources, and only the latter
 * may use the network; `security` attacks the whole site, and `resilience` breaks what it depends on.
 * `firefox` has the stories in a second engine; Playwright runs all other stories.
 */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The password hasher has the lowest priority. Next to tests at normal priority it would get no CPU time on a
// busy machine, so the tests run at the next lowest. Child processes inherit it.
setPriority(constants.priority.PRIORITY_LOW - 1);

// Processes that tests start compile the same sources hundreds of times.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile-cache');

const integration = '{apps,packages,scripts}/**/*.integration.test.{ts,tsx}';

const resilience = ['test/resilience/*.test.ts'];

/**
 * Only `resilience-full` runs these. It also repeats tests that act at random moments more often, and even
 * more often with RESILIENCE=long.
 */
const fullResilience = [
  'clients',
  'clocks',
  'database',
  'load',
  'password-timing',
  'proxy',
  'sso-down',
  'upgrade',
];

/** Limits against hanging, not performance targets. */
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };
const resilienceTimeouts = { testTimeout: 30 * 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // By default, Vitest leaves one core idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', integration],
          ...timeouts,
        },
      },
      { test: { name: 'integration', include: [integration], ...timeouts } },
      { test: { name: 'security', include: ['test/security/*.test.ts'], ...timeouts } },
      {
        test: {
          name: 'resilience',
          include: resilience,
          exclude: fullResilience.map((name) => `test/resilience/${name}.test.ts`),
          ...resilienceTimeouts,
        },
      },
      {
        test: {
          name: 'resilience-full',
          include: resilience,
          env: { RESILIENCE: process.env['RESILIENCE'] ?? 'full' },
          ...resilienceTimeouts,
        },
      },
      {
        test: {
          name: 'firefox',
          include: ['e2e/firefox/*.test.ts'],
          globalSetup: 'e2e/build-pages.ts',
          ...timeouts,
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
