/**
 * The stories in `stories/`, in a real browser across real origins. The fixtures are in `test.ts`.
 *
 * `pnpm test:e2e` runs them over https, those with the tag `@scheme`, whose outcome the scheme could change,
 * over http as well, and those about sessions and factors on PostgreSQL, except for those with the tag
 * `@page`, which are about the page alone. It leaves out stories with the tag `@full`: variants of others,
 * and those about the servers, which integration tests check too. `pnpm test:e2e:http` runs all but
 * `@scheme` over http, and the stories about the lab, which is for the demo only.
 */
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import type { StoryOptions } from './test.ts';

/** Stories whose site has other settings. Without a project of their own, Playwright would run them last. */
const WITH_OTHER_SETTINGS = ['confirm.spec.ts', 'session-renewal.spec.ts'];

/** Stories about sessions and factors, which run on PostgreSQL, too. */
const ABOUT_SESSIONS = [
  ...['second-app.spec.ts', 'second-person.spec.ts', 'sign-out.spec.ts', 'single-logout.spec.ts'],
  ...['account-sessions.spec.ts', 'sign-out-at-once.spec.ts', 'groups.spec.ts'],
  ...['passkeys.spec.ts', 'authenticator.spec.ts', 'invitation.spec.ts', 'lost-passkey.spec.ts'],
  ...['step-up.spec.ts', 'second-factor.spec.ts', 'passkey-siblings.spec.ts'],
];

/** Stories whose site has a lab. */
const WITH_LAB = ['lab-*.spec.ts'];

// Workers and the site's processes inherit these. The latter compile the same sources for every worker.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node-compile-cache');

export default defineConfig<object, StoryOptions>({
  testDir: 'stories',
  outputDir: 'results',
  globalSetup: './build-pages.ts',
  // Each worker has its own site and browser. Stories often wait, so four workers share two cores well.
  workers: 4,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  // Recording slows every story down. `--trace=retain-on-failure` records.
  // Axe measures colors at rest: an element that fades in is paler at first. Animations also cost time.
  use: { trace: 'off', contextOptions: { reducedMotion: 'reduce' } },
  projects: [
    // One worker, beside those of `https`: each has to start a site and a browser.
    { name: 'scheme', grep: /@scheme/, use: { scheme: 'http' }, workers: 1 },
    { name: 'https-settings', testMatch: WITH_OTHER_SETTINGS, use: { scheme: 'https' }, workers: 1 },
    {
      name: 'postgres',
      testMatch: ABOUT_SESSIONS,
      grepInvert: /@page/,
      use: { scheme: 'http', hasPostgres: true },
      workers: 1,
    },
    { name: 'lab', testMatch: WITH_LAB, use: { scheme: 'http', hasLab: true }, workers: 1 },
    { name: 'https', testIgnore: [...WITH_OTHER_SETTINGS, ...WITH_LAB], use: { scheme: 'https' } },
    { name: 'http-settings', testMatch: WITH_OTHER_SETTINGS, use: { scheme: 'http' }, workers: 1 },
    { name: 'http', testIgnore: [...WITH_OTHER_SETTINGS, ...WITH_LAB], use: { scheme: 'http' } },
  ],
});
