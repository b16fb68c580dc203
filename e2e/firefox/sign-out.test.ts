/**
 * Story 4 in Firefox: a person who signs out at one app is signed out everywhere, and every tab shows it.
 */
import { describe, expect } from 'vitest';
import { ada, grace } from '../administration.ts';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver } from './test.ts';

/** The documented limit: under normal conditions, an app is notified of a logout within 5 s. */
const WITHIN_5_S = { timeout: 5000 };

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story(
    'a sign-out ends both sessions and their cookies, after a reload and at another app',
    async ({ app, context, openTab, site }) => {
      await (await app.open(site.foo.origin)).signIn(ada);
      await app.signOut();
      expect(await context.cookies()).toEqual([]);
      await app.page.reload();
      await app.showsForm();
      await (await (await openTab()).open(site.lorem.origin)).showsForm();
    },
  );

  story(
    'after a sign-out in one tab of foo, a background tab shows the form',
    async ({ app: hidden, openTab, site }) => {
      await (await hidden.open(site.foo.origin)).signIn(ada);
      const front = await openTab();
      await (await front.open(site.foo.origin)).showsSignedIn(ada);
      await hidden.isHidden();
      await hidden.page.evaluate(() => {
        document.addEventListener('visibilitychange', () => Object.assign(globalThis, { wasVisible: true }));
      });
      await front.signOut();
      await hidden.showsForm();
      expect(await hidden.text()).toContain('Your SSO session has ended');
      expect(await hidden.page.evaluate(() => 'wasVisible' in globalThis)).toBe(false);
    },
  );

  story(
    'after a sign-out at foo, lorem’s server knows, and its tab follows as soon as it is visible',
    async ({ app: lorem, openTab, site }) => {
      await (await lorem.open(site.lorem.origin)).signIn(ada);
      const foo = await openTab();
      await (await foo.open(site.foo.origin)).showsSignedIn(ada);
      await lorem.isHidden();
      const atLorem = await watchRequests(site, 'lorem');
      await foo.signOut();
      await expect.poll(atLorem, WITHIN_5_S).toEqual(['POST /backchannel-logout 200']);
      await lorem.showsSignedIn(ada);
      await lorem.page.bringToFront();
      await lorem.showsForm();
      expect(await lorem.text()).toContain('session has ended');
      expect(await lorem.sessionStatus()).toBe('signed out');
    },
  );

  story(
    'if another person has signed in meanwhile, a tab shows them as soon as it is visible',
    async ({ app: lorem, openTab, site }) => {
      await (await lorem.open(site.lorem.origin)).signIn(ada);
      const foo = await openTab();
      await (await foo.open(site.foo.origin)).showsSignedIn(ada);
      await foo.signOut();
      await foo.signIn(grace);
      await lorem.page.bringToFront();
      await lorem.showsSignedIn(grace);
    },
  );
});
