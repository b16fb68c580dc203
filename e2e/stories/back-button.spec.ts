/** The back button: a person who has signed out isn't shown again; a person who is still signed in is. */
import { chromium } from '@playwright/test';
import { ada } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { startCachingProxy } from '../caching-proxy.ts';
import { watchForPerson } from '../flash-watch.ts';
import { watchRequests } from '../request-log.ts';
import { test as base, expect } from '../test.ts';
import { watchForViolations } from '../violations.ts';

interface Fixtures {
  /** Whether the browser may keep foo's document in its back/forward cache. */
  mayBeKept: boolean;
  /** A tab of a browser with a back/forward cache, which Playwright disables by default. */
  tab: AppPage;
}

const test = base.extend<Fixtures>({
  mayBeKept: [false, { option: true }],
  tab: async ({ fullLaunchOptions, mayBeKept, site }, use) => {
    const proxy = mayBeKept ? await startCachingProxy(site) : null;
    const browser = await chromium.launch({
      ...fullLaunchOptions,
      args: [...(fullLaunchOptions.args ?? []), ...(proxy ? [proxy.browserSwitch] : [])],
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    const context = await browser.newContext();
    const violations = await watchForViolations(context);
    await use(new AppPage(await context.newPage()));
    await browser.close();
    await proxy?.stop();
    expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
  },
});

for (const mayBeKept of [false, true]) {
  test.describe(mayBeKept ? 'a page from the back/forward cache' : 'a page that is loaded again', () => {
    test.use({ mayBeKept });

    test('doesn’t show a person who has signed out at another app', async ({ tab, site }) => {
      const personWasSeen = await watchForPerson(tab.page, ada);
      await (await tab.open(site.foo.origin)).signIn(ada);
      expect(await personWasSeen(), 'the watcher works').toBe(true);
      await tab.page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));
      await tab.page.getByRole('link', { name: 'Open Lorem' }).click();
      await expect(tab.page).toHaveURL(`${site.lorem.origin}/`);
      await tab.showsSignedIn(ada);
      await tab.signOut();

      await tab.page.goBack({ waitUntil: 'commit' });
      await expect(tab.page).toHaveURL(`${site.foo.origin}/`);
      await tab.showsForm();
      expect(await personWasSeen()).toBe(false);
      expect(await tab.page.evaluate(() => 'isSameDocument' in globalThis)).toBe(mayBeKept);
      expect(await tab.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
    });

    test('shows a person who is still signed in, after the servers confirmed it', async ({ tab, site }) => {
      await (await tab.open(site.foo.origin)).signIn(ada);
      await tab.page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));
      await tab.page.getByRole('link', { name: 'Open Lorem' }).click();
      await expect(tab.page).toHaveURL(`${site.lorem.origin}/`);
      await tab.showsSignedIn(ada);

      const atSso = await watchRequests(site, 'sso');
      const atFoo = await watchRequests(site, 'foo');
      await tab.page.goBack({ waitUntil: 'commit' });
      await expect(tab.page).toHaveURL(`${site.foo.origin}/`);
      await tab.showsSignedIn(ada);
      expect(await tab.page.evaluate(() => 'isSameDocument' in globalThis)).toBe(mayBeKept);
      await tab.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
      // Any further request of the page would come before this one.
      await tab.page.evaluate(() => navigator.locks.request('samesite-sso', () => {}));
      await expect.poll(atSso, 'it asks once').toEqual(['POST / 200']);
      const ofSessions = async () => (await atFoo()).filter((line) => line.includes(' /session '));
      await expect.poll(ofSessions).toEqual(['GET /session 200']);
    });
  });
}

test('the browser stores neither the document nor a response about a session', async ({ app, site }) => {
  const policies = new Map<string, string | undefined>();
  app.page.on('response', (response) => {
    const { origin, pathname } = new URL(response.url());
    if (pathname.startsWith('/assets/')) return;
    const name = `${response.request().method()} ${origin}${pathname} ${response.status()}`;
    policies.set(name, response.headers()['cache-control']);
  });
  await (await app.open(site.foo.origin)).send({ ...ada, password: 'wrong' });
  await app.signIn(ada);
  await app.showsProtectedResponse(ada);
  await app.signOut();
  await app.page.evaluate(async () => (await fetch('/api/me')).status);
  expect(Object.fromEntries(policies)).toEqual({
    [`GET ${site.foo.origin}/ 200`]: 'no-store',
    [`GET ${site.foo.origin}/session 200`]: 'no-store',
    [`POST ${site.sso.origin}/ 401`]: 'no-store',
    [`POST ${site.sso.origin}/ 200`]: 'no-store',
    [`POST ${site.foo.origin}/session 201`]: 'no-store',
    [`GET ${site.foo.origin}/api/me 200`]: 'no-store',
    [`DELETE ${site.foo.origin}/session 200`]: 'no-store',
    [`GET ${site.foo.origin}/api/me 401`]: 'no-store',
  });
});
