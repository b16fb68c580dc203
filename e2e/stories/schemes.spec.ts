/**
 * Story 7: `http` and `https` are different origins. An app's host and port under the other scheme are a stranger's, and
 * remain one when somebody registers them: browsers call such a page cross-site.
 */
import { ada, grace } from '../administration.ts';
import { attempt, everyForm } from '../attempts.ts';
import { watchRequests } from '../request-log.ts';
import { withApp } from '../story-site.ts';
import { expect, test } from '../test.ts';

for (const [words, isRegistered] of [
  ['is a stranger', false],
  ['is a stranger even if it is registered, for browsers call it cross-site', true],
] as const) {
  test(`the page of an app under the other scheme ${words}`, { tag: '@scheme' }, async ({
    app,
    openTab,
    scheme,
    site,
    foreignOrigin,
  }) => {
    const otherScheme = scheme === 'http' ? 'https' : 'http';
    const { origin } = await foreignOrigin(otherScheme, 'foo');
    // Host and port are those of an app, so that the scheme alone makes the difference.
    const registered = isRegistered ? origin : origin.replace(otherScheme, scheme);
    await withApp(site, registered, async () => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const { page } = await (await openTab()).open(origin);
      const before = site.state();
      const atSso = await watchRequests(site, 'sso');

      const { json, text } = everyForm(site.sso.origin, grace);
      const loot = await attempt(page, [...json, ...text]);

      for (const { name } of [...json, ...text]) expect(loot[name], name).toBe('nothing');
      await expect.poll(atSso).toEqual([...json.map(() => 'OPTIONS / 403'), ...text.map(() => 'POST / 403')]);
      expect(site.state()).toEqual(before);
      await app.page.reload();
      await app.showsSignedIn(ada);
    });
  });
}
