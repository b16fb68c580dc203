/**
 * Story 7: `http` and `https` are different origins. An app's host and port under the other scheme are a
 * foreign origin, and stay one even if somebody registers it: browsers treat such a page as cross-site.
 */
import { ada, grace } from '../administration.ts';
import { flowRequests, sendFromPage } from '../cross-origin-requests.ts';
import { watchRequests } from '../request-log.ts';
import { withApp } from '../story-site.ts';
import { expect, test } from '../test.ts';

for (const [words, isRegistered] of [
  ['is a foreign origin', false],
  ['is a foreign origin even if it is registered, since browsers treat it as cross-site', true],
] as const) {
  test(`the page of an app under the other scheme ${words} [T-ORIGIN-04]`, { tag: '@scheme' }, async ({
    app,
    openTab,
    scheme,
    site,
    foreignOrigin,
  }) => {
    const otherScheme = scheme === 'http' ? 'https' : 'http';
    const { origin } = await foreignOrigin(otherScheme, 'foo');
    // An app's host and port, so that only the scheme differs.
    const registered = isRegistered ? origin : origin.replace(otherScheme, scheme);
    await withApp(site, registered, async () => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const { page } = await (await openTab()).open(origin);
      const before = await site.state();
      const atSso = await watchRequests(site, 'sso');

      const { json, text } = flowRequests(site.sso.origin, grace);
      const readable = await sendFromPage(page, [...json, ...text]);

      for (const { name } of [...json, ...text]) expect(readable[name], name).toBe('nothing');
      await expect.poll(atSso).toEqual([...json.map(() => 'OPTIONS / 403'), ...text.map(() => 'POST / 403')]);
      expect(await site.changesSince(before)).toEqual([]);
      await app.page.reload();
      await app.showsSignedIn(ada);
    });
  });
}
