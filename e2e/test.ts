/**
 * The fixtures of every story: a site per worker (story-site.ts) and a browser that trusts the local
 * authorities. No story may use `page.route` or `context.route`: they make preflights disappear.
 */
import { type BrowserContext, test as base, chromium, expect, type LaunchOptions } from '@playwright/test';
import { findBrowser, findHeadlessBrowser } from '../scripts/checks/browser.ts';
import type { SiteOptions } from '../scripts/site/site.ts';
import type { SiteProcess } from '../scripts/site/site-process.ts';
import { processNames, type Scheme } from '../scripts/site/site-settings.ts';
import type { Person } from './administration.ts';
import { AppPage } from './app-page.ts';
import { launchOptionsFor, makeHome } from './browser-home.ts';
import { lendForeignOrigins, type StartForeignOrigin } from './foreign-origin.ts';
import { closeTabsAndClearData, type FullBrowser, startFullBrowser } from './full-browser.ts';
import { labOf, type StorySite, startStorySite } from './story-site.ts';
import { watchForViolations } from './violations.ts';

export { expect };

export interface StoryOptions {
  scheme: Scheme;
  /** Variables beyond the defaults. A worker has one site, so each value needs a worker of its own. */
  environment: SiteOptions['environment'];
  /** Whether the site has a lab. */
  hasLab: boolean;
  /** Whether the site keeps its data in PostgreSQL. */
  hasPostgres: boolean;
}

interface WorkerFixtures {
  site: StorySite;
  /** The lab of a site with `hasLab`. */
  lab: SiteProcess;
  /** For stories that start a browser of their own. */
  fullLaunchOptions: LaunchOptions;
  /** Returns the worker's full browser, which starts when a story first needs it. */
  fullBrowser: () => Promise<FullBrowser>;
}

interface Fixtures {
  /** Whether to use the browser that a person would use: `findHeadlessBrowser` says what the other lacks. */
  isFullBrowser: boolean;
  /** A tab in a new browser. */
  app: AppPage;
  /** Opens another tab of the same browser. */
  openTab: () => Promise<AppPage>;
  /** Signs a person in at foo, in `app`, and opens lorem beside it. */
  openLoremAfterFoo: (person: Person) => Promise<AppPage>;
  /** Violations of a page's Content-Security-Policy so far. A story ends without any. */
  violations: string[];
  /** The default context of the worker's full browser, which hides background tabs. It starts empty. */
  realTabs: BrowserContext;
  /** Signs a person in at lorem in a tab of `realTabs`, then at foo in another tab in front of it. */
  signInAtBoth: (person: Person) => Promise<{ lorem: AppPage; foo: AppPage }>;
  /** Serves an empty page at another origin. */
  foreignOrigin: StartForeignOrigin;
  logsOnFailure: undefined;
}

export const test = base.extend<Fixtures, StoryOptions & WorkerFixtures>({
  scheme: ['http', { scope: 'worker', option: true }],
  environment: [undefined, { scope: 'worker', option: true }],
  hasLab: [false, { scope: 'worker', option: true }],
  hasPostgres: [false, { scope: 'worker', option: true }],
  isFullBrowser: [false, { option: true }],

  site: [
    async ({ scheme, environment, hasLab, hasPostgres }, use) => {
      const options = { ...(environment && { environment }), hasLab, hasPostgres };
      const site = await startStorySite(scheme, options);
      makeHome(site);
      await use(site);
      await site.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  lab: [async ({ site }, use) => use(labOf(site)), { scope: 'worker' }],

  launchOptions: [
    async ({ site }, use) => use(launchOptionsFor(site, findHeadlessBrowser())),
    { scope: 'worker' },
  ],

  fullLaunchOptions: [
    async ({ site }, use) => use(launchOptionsFor(site, findBrowser())),
    { scope: 'worker' },
  ],

  fullBrowser: [
    async ({ fullLaunchOptions }, use) => {
      let started: Promise<FullBrowser> | undefined;
      await use(() => (started ??= startFullBrowser(fullLaunchOptions)));
      await (await started)?.browser.close();
    },
    { scope: 'worker' },
  ],

  context: async ({ context, fullBrowser, isFullBrowser }, use) => {
    if (!isFullBrowser) return use(context);
    const { browser } = await fullBrowser();
    const full = await browser.newContext();
    await use(full);
    await full.close();
  },

  violations: [
    async ({ context }, use) => {
      const violations = await watchForViolations(context);
      await use(violations);
      expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
    },
    { auto: true },
  ],

  logsOnFailure: [
    async ({ site }, use, story) => {
      await use(undefined);
      if (story.status === story.expectedStatus) return;
      for (const each of [...processNames.map((name) => site[name]), site.lab]) {
        if (each !== null) await story.attach(`${each.name}.log`, { path: each.logFile });
      }
    },
    { auto: true },
  ],

  app: async ({ page }, use) => use(new AppPage(page)),

  openTab: async ({ context }, use) => use(async () => new AppPage(await context.newPage())),

  openLoremAfterFoo: async ({ app, openTab, site }, use) =>
    use(async (person) => {
      await (await app.open(site.foo.origin)).signIn(person);
      return (await openTab()).open(site.lorem.origin);
    }),

  realTabs: async ({ fullBrowser, site }, use) => {
    const { endpoint } = await fullBrowser();
    const connection = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    const [context] = connection.contexts();
    if (context === undefined) throw new Error('Chromium has no default context.');
    const violations = await watchForViolations(context);
    await use(context);
    await closeTabsAndClearData(
      context,
      processNames.map((name) => site[name].origin),
    );
    await connection.close();
    expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
  },

  signInAtBoth: async ({ realTabs, site }, use) =>
    use(async (person) => {
      const lorem = new AppPage(await realTabs.newPage());
      await (await lorem.open(site.lorem.origin)).signIn(person);
      const foo = new AppPage(await realTabs.newPage());
      await (await foo.open(site.foo.origin)).showsSignedIn(person);
      await foo.page.bringToFront();
      await expect.poll(() => lorem.page.evaluate(() => document.visibilityState)).toBe('hidden');
      return { lorem, foo };
    }),

  foreignOrigin: async ({ site }, use) => lendForeignOrigins(site.foreignCertificates, use),
});
