/**
 * The fixtures of every story in Firefox: a site per scheme and a browser that the files of a worker share,
 * and per story a new browser context. No story may intercept requests (`setRequestInterception`).
 */
import { join } from 'node:path';
import type { BrowserContext } from 'puppeteer-core';
import { test as base, expect } from 'vitest';
import type { SiteProcess } from '../../scripts/site/site-process.ts';
import type { Scheme } from '../../scripts/site/site-settings.ts';
import { lendForeignOrigins, type StartForeignOrigin } from '../foreign-origin.ts';
import { labOf, type StorySite, type StorySiteOptions, startStorySite } from '../story-site.ts';
import { type Firefox, type Preferences, startFirefox } from './browser.ts';
import { SitePage } from './page.ts';

export const schemes: readonly Scheme[] = ['http', 'https'];

interface Fixtures {
  shared: Record<Scheme, StorySite> & { firefox: Firefox };
  scheme: Scheme;
  site: StorySite;
  /** The lab of a site with `hasLab`. */
  lab: SiteProcess;
  context: BrowserContext;
  /** Violations of a page's Content-Security-Policy and uncaught errors. A story ends without any. */
  violations: string[];
  openTab: () => Promise<SitePage>;
  /** The first tab. */
  app: SitePage;
  /** A tab in another browser context. */
  elsewhere: SitePage;
  /** Serves an empty page at another origin. */
  foreignOrigin: StartForeignOrigin;
}

/**
 * @param options of the sites
 * @param preferences that the person has changed in Firefox
 */
export function storiesWith(options?: StorySiteOptions, preferences?: Preferences) {
  const scope = options || preferences ? 'file' : 'worker';
  return base.extend<Fixtures>({
    shared: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the dependencies from this pattern.
      async ({}, use) => {
        const http = await startStorySite('http', options);
        const https = await startStorySite('https', options);
        const authorityFiles = [...http.authorityFiles, ...https.authorityFiles];
        const firefox = await startFirefox(join(http.folder, 'firefox'), authorityFiles, preferences);
        await use({ http, https, firefox });
        await firefox.stop();
        await Promise.all([http.stop(), https.stop()]);
      },
      { scope },
    ],

    scheme: 'http',
    site: async ({ scheme, shared }, use) => use(shared[scheme]),
    lab: async ({ site }, use) => use(labOf(site)),

    context: async ({ shared }, use) => {
      const context = await shared.firefox.browser.createBrowserContext();
      await use(context);
      await context.close();
    },

    // biome-ignore lint/correctness/noEmptyPattern: as above.
    violations: async ({}, use) => {
      const violations: string[] = [];
      await use(violations);
      expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
    },

    openTab: async ({ context, violations }, use) =>
      use(async () => {
        const page = await context.newPage();
        page.on('pageerror', (error) => {
          const words = error instanceof Error ? error.message : String(error);
          // Firefox also reports every response and cookie that it withholds, which stories cause on purpose.
          if (/^(Content-Security-Policy|uncaught|\w*Error)/i.test(words)) violations.push(words);
        });
        return new SitePage(page);
      }),

    app: async ({ openTab }, use) => use(await openTab()),

    elsewhere: async ({ shared }, use) => {
      const context = await shared.firefox.browser.createBrowserContext();
      await use(new SitePage(await context.newPage()));
      await context.close();
    },

    foreignOrigin: async ({ site }, use) => lendForeignOrigins(site.foreignCertificates, use),
  });
}

export const stories = storiesWith();

/** @returns the `test` function for the stories of a `describe` */
export function storiesOver(scheme: Scheme, test: typeof stories = stories) {
  // Counts toward the timeout of this hook, not of the first story.
  test.beforeAll(({ shared }) => void shared);
  return test.override({ scheme });
}
