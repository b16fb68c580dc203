/**
 * The stories in `stories/`, in a real browser across real origins, over https and http. The project `scheme`
 * runs over http only the stories whose outcome the scheme could change: they have the tag `@scheme`. The
 * fixtures are in `test.ts`.
 */
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import type { StoryOptions } from './test.ts';

// Workers and the site's processes inherit these. The latter compile the same sources for every worker.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node-compile-cache');

export default defineConfig<object, StoryOptions>({
  testDir: 'stories',
  outputDir: 'results',
  globalSetup: './build-pages.ts',
  // Each worker has its own site and browser. Stories often wait, so three workers share two cores well.
  workers: 3,
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
    { name: 'https', use: { scheme: 'https' } },
    { name: 'http', use: { scheme: 'http' } },
  ],
});
