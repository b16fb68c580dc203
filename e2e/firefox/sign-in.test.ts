/**
 * Stories 1 and 2 in Firefox: a cold sign-in and the second app after it, each with one preflight in the
 * server's log.
 */
import { describe, expect } from 'vitest';
import { ada } from '../administration.ts';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story(
    'a person without sessions signs in by steps 1, 2, 5, 3, and 4 with exactly one preflight',
    async ({ app, site }) => {
      const atSso = await watchRequests(site, 'sso');
      await (await app.open(site.foo.origin)).showsForm();
      await app.showsSteps({ 1: 'done', 2: 'done', 5: 'your turn', 3: 'not yet', 4: 'not yet' });
      // At a person's pace: Firefox, too, caches a preflight for 5 s even without Access-Control-Max-Age.
      await app.fill(ada, 6000 / ada.password.length);
      await app.click('button', 'Sign in');
      await app.showsSignedIn(ada);
      await app.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });
      await expect
        .poll(atSso)
        .toEqual(['OPTIONS / 204', ...Array(4).fill('POST / 200'), 'POST /introspect 200']);
    },
  );

  story(
    'a person who is signed in at foo is signed in at lorem by steps 1 to 4 without a password',
    async ({ app, openTab, site }) => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const atSso = await watchRequests(site, 'sso');
      const lorem = await openTab();
      const formWasSeen = await lorem.watchForForm();
      await (await lorem.open(site.lorem.origin)).showsSignedIn(ada);
      await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'done', 4: 'done' });
      expect(await formWasSeen()).toBe(false);
      await expect.poll(atSso).toEqual(['OPTIONS / 204', 'POST / 200', 'POST / 200', 'POST /introspect 200']);
    },
  );

  story(
    'two tabs of one app that open at the same time share one app session and are both signed in',
    async ({ app, openTab, site }) => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const tabs = [await openTab(), await openTab()];
      const atLorem = await watchRequests(site, 'lorem');
      await Promise.all(tabs.map((tab) => tab.open(site.lorem.origin)));
      for (const tab of tabs) await tab.showsSignedIn(ada);
      const redeemed = async () => (await atLorem()).filter((line) => line.startsWith('POST /session '));
      await expect.poll(redeemed).toEqual(['POST /session 201']);
    },
  );
});
