/**
 * All tests except Playwright's. `unit`, `integration` and `postgres` tests are beside their sources; the
 * first use no network, and only the last use PostgreSQL. `security` attacks the whole site, and `resilience`
 * breaks what it depends on. `firefox` has the stories in a second engine; Playwright runs all other stories.
 */
import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism, constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The password hasher has the lowest priority. Next to tests at normal priority it would get no CPU time on a
// busy machine, so the tests run at the next lowest. Child processes inherit it.
try {
  setPriority(constants.priority.PRIORITY_LOW - 1);
} catch {
  // A hardened host refuses it, and then refuses it to the hasher as well.
}

// Processes that tests start compile the same sources hundreds of times.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile-cache');

const integration = '{apps,packages,scripts}/**/*.integration.test.{ts,tsx}';

/** They install and run what another repository would. */
const packaging = 'scripts/**/*.packaging.test.ts';

/** They use a PostgreSQL server. */
const postgres = '{apps,packages}/**/*.postgres.test.ts';
const postgresServer = 'test/support/postgres-server.ts';

/** Each storage engine checks factors, groups and renewals in statements of its own. */
const attacksOnBothDatabases = [
  'codes',
  'enumeration-of-passkeys',
  'groups',
  'invitations',
  'passkeys',
  'renewed-sessions',
  'step-up',
];

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

const MIN_FREE_BYTES = 4 * 2 ** 30;

/** Limits against hanging, not performance targets. A test that is about time has a limit of its own. */
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } };

/**
 * For tests that measure neither durability nor load: the files of one worker share modules and one password
 * hasher, databases are in memory where the system has a file system for that, and while some tests wait,
 * others run.
 */
const shared = {
  ...timeouts,
  isolate: false,
  env: { TMPDIR: fastTemporaryFolder() },
  maxWorkers: 2 * availableParallelism(),
};
const resilienceTimeouts = {
  ...timeouts,
  testTimeout: (process.env['RESILIENCE'] === 'long' ? 30 : 5) * 60_000,
  hookTimeout: 120_000,
};

/** Returns a folder for temporary files whose content may be lost. */
function fastTemporaryFolder(): string {
  // Linux's file system in memory, where a commit waits for no disk. Containers often have 64 MB of it.
  const inMemory = '/dev/shm';
  if (!existsSync(inMemory)) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize >= MIN_FREE_BYTES ? inMemory : tmpdir();
}

export default defineConfig({
  test: {
    // By default, Vitest leaves one core idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages,scripts,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', integration, postgres, packaging],
          ...shared,
        },
      },
      {
        test: {
          name: 'integration',
          include: [integration],
          ...shared,
          // They wait more than others: for processes.
          maxWorkers: 3 * availableParallelism(),
        },
      },
      {
        test: {
          name: 'postgres',
          include: [postgres],
          globalSetup: postgresServer,
          ...shared,
          // The server needs processor time, too: on a busy machine it would refuse what takes too long.
          maxWorkers: availableParallelism(),
        },
      },
      { test: { name: 'packaging', include: [packaging], ...timeouts } },
      {
        test: {
          name: 'security',
          include: ['test/security/*.test.ts'],
          ...shared,
        },
      },
      // `pnpm test:security:lab`: the same tests with a lab, which must not change any result. The reporter
      // uses CPU time, so the three files about time and load are excluded.
      {
        test: {
          name: 'security-with-lab',
          include: ['test/security/*.test.ts'],
          exclude: ['**/{enumeration,guessing,overload}.test.ts'],
          globalSetup: 'test/support/lab-beside-tests.ts',
          execArgv: ['--import', './apps/lab/reporter/main.ts'],
          ...shared,
        },
      },
      // The same attacks on people, with the SSO service on PostgreSQL.
      {
        test: {
          name: 'security-on-postgres',
          include: attacksOnBothDatabases.map((name) => `test/security/${name}.test.ts`),
          globalSetup: postgresServer,
          ...shared,
          env: { ...shared.env, TEST_STORAGE: 'postgres' },
          // As in the project `postgres`.
          maxWorkers: availableParallelism(),
          // After `security`, whose number of workers differs: Vitest requires it.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'resilience',
          include: resilience,
          globalSetup: postgresServer,
          exclude: fullResilience.map((name) => `test/resilience/${name}.test.ts`),
          ...resilienceTimeouts,
        },
      },
      {
        test: {
          name: 'resilience-full',
          include: resilience,
          globalSetup: postgresServer,
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
          // Two sites and a browser start in one hook.
          hookTimeout: 120_000,
          // The files of one worker share those. While some stories wait, others run.
          isolate: false,
          maxWorkers: 2,
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
