/** The back button in Firefox: a person who has signed out isn't shown again. */
import { describe, expect } from 'vitest';
import { ada } from '../administration.ts';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story(
    'a page is loaded again and doesn’t show a person who has signed out at another app',
    async ({ app, site }) => {
      const personWasSeen = await app.watchForPerson(ada);
      await (await app.open(site.foo.origin)).signIn(ada);
      expect(await personWasSeen(), 'the watcher works').toBe(true);
      await app.page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));
      await app.follow('Open Lorem', site.lorem.origin);
      await app.showsSignedIn(ada);
      await app.signOut();

      await app.goBack(site.foo.origin);
      await app.showsForm();
      expect(await personWasSeen()).toBe(false);
      expect(await app.page.evaluate(() => 'isSameDocument' in globalThis)).toBe(false);
      expect(await app.sessionStatus()).toBe('signed out');
    },
  );

  story('going back shows a person who is still signed in, once the servers agree', async ({ app, site }) => {
    await (await app.open(site.foo.origin)).signIn(ada);
    await app.follow('Open Lorem', site.lorem.origin);
    await app.showsSignedIn(ada);

    const atSso = await watchRequests(site, 'sso');
    const atFoo = await watchRequests(site, 'foo');
    await app.goBack(site.foo.origin);
    await app.showsSignedIn(ada);
    await app.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
    // Any further request of the page would come before this one.
    await app.page.evaluate(() => navigator.locks.request('samesite-sso', () => {}));
    await expect.poll(atSso, { message: 'it asks once' }).toEqual(['POST / 200']);
    const ofSessions = async () => (await atFoo()).filter((line) => line.includes(' /session '));
    await expect.poll(ofSessions).toEqual(['GET /session 200']);
  });

  story('the browser stores neither the document nor a response about a session', async ({ app, site }) => {
    const policies = new Map<string, string | undefined>();
    app.page.on('response', (response) => {
      const { origin, pathname } = new URL(response.url());
      const method = response.request().method();
      if (pathname.startsWith('/assets/') || method === 'OPTIONS') return;
      policies.set(
        `${method} ${origin}${pathname} ${response.status()}`,
        response.headers()['cache-control'],
      );
    });
    await (await app.open(site.foo.origin)).signIn(ada);
    await app.signOut();
    expect(Object.fromEntries(policies)).toMatchObject({
      [`GET ${site.foo.origin}/ 200`]: 'no-store',
      [`GET ${site.foo.origin}/session 200`]: 'no-store',
      [`POST ${site.sso.origin}/ 200`]: 'no-store',
      [`POST ${site.foo.origin}/session 201`]: 'no-store',
      [`DELETE ${site.foo.origin}/session 200`]: 'no-store',
    });
    expect(new Set(policies.values())).toEqual(new Set(['no-store']));
  });
});
