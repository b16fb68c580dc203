/**
 * The stories in `stories/`, in a real browser across real origins: over https, and over http, where the
 * project `scheme` runs only those that depend on it. Their fixtures are in `test.ts`.
 */
import { defineConfig } from '@playwright/test';
import { findBrowser } from '../scripts/checks/browser.ts';
import type { StoryOptions } from './test.ts';

// Workers inherit it.
process.env['E2E_CHROMIUM'] ||= findBrowser();

export default defineConfig<object, StoryOptions>({
  testDir: 'stories',
  outputDir: 'results',
  globalSetup: './page-is-built.ts',
  // Each worker has a site and a browser of its own: two fill two cores.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    // Without screenshots, which cost more than the stories.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
  projects: [
    { name: 'http', use: { scheme: 'http' } },
    { name: 'https', use: { scheme: 'https' } },
    { name: 'scheme', grep: /@scheme/, use: { scheme: 'http' } },
  ],
});
