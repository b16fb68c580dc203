/**
 * What every story in Firefox stands on: over each scheme a site and a browser of its own for the file, and for each story
 * a browser context that has never been here. No story may intercept requests (`setRequestInterception`).
 */
import { join } from 'node:path';
import type { BrowserContext } from 'puppeteer-core';
import { test as base, beforeAll, expect } from 'vitest';
import type { SiteOptions } from '../../scripts/site/site.ts';
import type { Scheme } from '../../scripts/site/site-settings.ts';
import { lendForeignOrigins, type StartForeignOrigin } from '../foreign-origin.ts';
import { type StorySite, startStorySite } from '../story-site.ts';
import { type Firefox, type Preferences, startFirefox } from './browser.ts';
import { SitePage } from './page.ts';

export const schemes: readonly Scheme[] = ['http', 'https'];

interface Fixtures {
  site: StorySite;
  context: BrowserContext;
  /** Breaches of a page's Content-Security-Policy, and errors that it did not catch. None is left at the end of a story. */
  violations: string[];
  openTab: () => Promise<SitePage>;
  /** The first tab. */
  app: SitePage;
  /** A tab of another browser, as far as cookies go. */
  elsewhere: SitePage;
  /** Serves an empty page at another origin. */
  foreignOrigin: StartForeignOrigin;
}

/**
 * @param environment what the site's processes are told beyond the contract's defaults
 * @param preferences what the person has changed in Firefox
 * @returns by which the stories of a `describe` are told
 */
export function storiesOver(
  scheme: Scheme,
  environment?: SiteOptions['environment'],
  preferences?: Preferences,
) {
  let running: { site: StorySite; firefox: Firefox };

  beforeAll(async () => {
    const site = await startStorySite(scheme, environment);
    const firefox = await startFirefox(join(site.folder, 'firefox'), site.authorityFiles, preferences);
    running = { site, firefox };
    return async () => {
      await firefox.stop();
      await site.stop();
    };
  });

  return base.extend<Fixtures>({
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads what a fixture stands on from this pattern.
    site: async ({}, use) => use(running.site),

    // biome-ignore lint/correctness/noEmptyPattern: as above.
    context: async ({}, use) => {
      const context = await running.firefox.browser.createBrowserContext();
      await use(context);
      await context.close();
    },

    // biome-ignore lint/correctness/noEmptyPattern: as above.
    violations: async ({}, use) => {
      const violations: string[] = [];
      await use(violations);
      expect(violations, 'breaches of the Content-Security-Policy').toEqual([]);
    },

    openTab: async ({ context, violations }, use) =>
      use(async () => {
        const page = await context.newPage();
        page.on('pageerror', (error) => {
          const words = error instanceof Error ? error.message : String(error);
          // Firefox says as much of every answer and cookie that it withholds, which is the matter of its story.
          if (/^(Content-Security-Policy|uncaught|\w*Error)/i.test(words)) violations.push(words);
        });
        return new SitePage(page);
      }),

    app: async ({ openTab }, use) => use(await openTab()),

    // biome-ignore lint/correctness/noEmptyPattern: as above.
    elsewhere: async ({}, use) => {
      const context = await running.firefox.browser.createBrowserContext();
      await use(new SitePage(await context.newPage()));
      await context.close();
    },

    foreignOrigin: async ({ site }, use) => lendForeignOrigins(site.foreignCertificates, use),
  });
}
