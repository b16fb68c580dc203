/**
 * The stories in `stories/`, each told over http and over https in a real browser, across real origins. What they
 * stand on is in `test.ts`. `E2E_CHROMIUM` is the browser's path; unset, it is Playwright's own.
 */
import { defineConfig } from '@playwright/test';
import type { StoryOptions } from './test.ts';

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
    // Playwright's own is to be the whole browser, as the system's is, and not its smaller headless shell.
    ...(!process.env['E2E_CHROMIUM'] && { channel: 'chromium' }),
  },
  projects: [
    { name: 'http', use: { scheme: 'http' } },
    { name: 'https', use: { scheme: 'https' } },
  ],
});
