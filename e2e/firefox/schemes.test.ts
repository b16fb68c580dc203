/**
 * Story 7 in Firefox: an app's host and port under the other scheme. Unlike Chromium, Firefox treats an http
 * page and an https SSO service as same-site and sends the cookie, so only the registry decides.
 */
import { describe, expect } from 'vitest';
import { ada, grace } from '../administration.ts';
import { flowRequests, sendFromPage } from '../cross-origin-requests.ts';
import { watchRequests } from '../request-log.ts';
import { withApp } from '../story-site.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);
  const otherScheme = scheme === 'http' ? 'https' : 'http';

  story(
    'an app’s page under the other scheme is foreign, although Firefox sends the cookie [T-ORIGIN-04]',
    async ({ app, openTab, site, foreignOrigin }) => {
      const { origin } = await foreignOrigin(otherScheme, 'foo');
      // An app's host and port, so that only the scheme differs.
      await withApp(site, origin.replace(otherScheme, scheme), async () => {
        await (await app.open(site.foo.origin)).signIn(ada);
        const elsewhere = await (await openTab()).open(origin);
        const before = await site.state();
        const atSso = await watchRequests(site, 'sso');
        const cookiesSent = elsewhere.watchCookies(site.sso.origin);

        const { json, text, form } = flowRequests(site.sso.origin, grace);
        const readable = await sendFromPage(elsewhere.page, [...json, ...text, ...form]);

        for (const [name, read] of Object.entries(readable)) expect(read, name).toBe('nothing');
        const simple = [...text, ...form];
        await expect
          .poll(atSso)
          .toEqual([...json.map(() => 'OPTIONS / 403'), ...simple.map(() => 'POST / 403')]);
        expect(cookiesSent.slice(-simple.length)).toEqual(simple.map(() => 'POST __Host-sso'));
        expect(await site.changesSince(before)).toEqual([]);
        await app.page.reload();
        await app.showsSignedIn(ada);
      });
    },
  );

  story('another scheme’s origin is an app if registered', async ({ app, openTab, site, foreignOrigin }) => {
    const { origin } = await foreignOrigin(otherScheme, 'foo');
    await withApp(site, origin, async () => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const elsewhere = await (await openTab()).open(origin);
      const atSso = await watchRequests(site, 'sso');
      const { json } = flowRequests(site.sso.origin, grace);
      const readable = await sendFromPage(elsewhere.page, json);
      for (const { name } of json) expect(readable[name], name).toMatchObject({ status: 200 });
      await expect.poll(atSso).toEqual(['OPTIONS / 204', ...json.map(() => 'POST / 200')]);
    });
  });
});
