/** Story 5 in Firefox: foo's app session expires after two seconds and is renewed silently. */
import type { BrowserContext } from 'puppeteer-core';
import { describe, expect } from 'vitest';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada } from '../administration.ts';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver, storiesWith } from './test.ts';

const stories = storiesWith({ environment: { foo: { APP_SESSION_SECONDS: '2' } } });

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme, stories);

  story(
    'an app session that expires while the person looks at the page is renewed without a form',
    async ({ app, context, openTab, site }) => {
      await (await app.open(site.lorem.origin)).signIn(ada);
      const foo = await openTab();
      const formWasSeen = await foo.watchForForm();
      await (await foo.open(site.foo.origin)).showsSignedIn(ada);
      const atFoo = await watchRequests(site, 'foo');
      const first = await appSession(context, site.foo.origin);
      const renewals = async () => (await atFoo()).filter((line) => line === 'POST /session 201').length;
      await expect.poll(renewals).toBeGreaterThanOrEqual(2);
      await expect.poll(() => appSession(context, site.foo.origin)).not.toBe(first);
      await foo.showsSignedIn(ada);
      expect(await formWasSeen()).toBe(false);
    },
  );

  story(
    'a person who comes back after their session expired is signed in by steps 1 to 4, without a preflight',
    async ({ app, context, openTab, site }) => {
      await (await app.open(site.foo.origin)).signIn(ada);
      // Firefox remembers preflights per process. This tab keeps the process of the site running.
      await app.page.goto(`${site.foo.origin}/livez`);
      await expect
        .poll(() => appSession(context, site.foo.origin), { message: 'it runs out' })
        .toBeUndefined();
      const foo = await openTab();
      const formWasSeen = await foo.watchForForm();
      const atSso = await watchRequests(site, 'sso');
      await (await foo.open(site.foo.origin)).showsSignedIn(ada);
      expect(await formWasSeen()).toBe(false);
      const expected = ['POST / 200', 'POST / 200', 'POST /introspect 200'];
      await expect.poll(async () => (await atSso()).slice(0, 3)).toEqual(expected);
    },
  );
});

async function appSession(context: BrowserContext, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(origin);
  const cookies = await context.cookies();
  // Firefox still lists an expired cookie but doesn't send it. `expires` is rounded down to whole seconds.
  const unexpired = cookies.filter(({ expires }) => (expires + 1) * 1000 > Date.now());
  return unexpired.find(({ name, domain }) => name === COOKIES.app && domain === hostname)?.value;
}
