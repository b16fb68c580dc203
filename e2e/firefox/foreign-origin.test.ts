/**
 * Story 6 in Firefox: a signed-in person opens a page that isn't an app's. Its requests reach the servers,
 * with or without cookies, but it can't read or change anything.
 */
import { describe, expect } from 'vitest';
import { ada, grace } from '../administration.ts';
import { appRequests, flowRequests, sendFromPage } from '../cross-origin-requests.ts';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  for (const [words, name, cookies] of [
    [
      'an unlisted origin of the same site can’t read or change anything, with or without cookies',
      'sameSite',
      ' __Host-sso',
    ],
    ['another site can’t read or change anything, and Firefox sends no cookie', 'otherSite', ''],
  ] as const) {
    story(`a page of ${words}`, async ({ app, openTab, site, foreignOrigin }) => {
      await (await app.open(site.foo.origin)).signIn(ada);
      const elsewhere = await (await openTab()).open((await foreignOrigin(scheme, name)).origin);
      const before = await site.state();
      const atSso = await watchRequests(site, 'sso');
      const atFoo = await watchRequests(site, 'foo');
      const cookiesSent = elsewhere.watchCookies(site.sso.origin);

      const { json, text, form } = flowRequests(site.sso.origin, grace);
      const readable = await sendFromPage(elsewhere.page, [
        ...json,
        ...text,
        ...form,
        ...appRequests(site.foo.origin),
      ]);

      expect(Object.keys(readable)).toHaveLength(17);
      for (const [name, read] of Object.entries(readable)) expect(read, name).toBe('nothing');

      await expect
        .poll(atSso)
        .toEqual([...json.map(() => 'OPTIONS / 403'), ...[...text, ...form].map(() => 'POST / 403')]);
      const simple = cookiesSent.filter((line) => !line.startsWith('OPTIONS')).slice(json.length);
      expect(simple).toEqual([...text, ...form].map(() => `POST${cookies}`));
      await expect
        .poll(async () => (await atFoo()).filter((line) => !line.startsWith('GET ')))
        .toEqual([expect.stringMatching(/^OPTIONS \S+ 4\d\d$/), 'POST /session 403']);

      expect(await site.changesSince(before)).toEqual([]);
      await app.page.reload();
      await app.showsSignedIn(ada);
      await (await (await openTab()).open(site.lorem.origin)).showsSignedIn(ada);
    });
  }

  story('the same requests succeed from a page of an app', async ({ app, site }) => {
    await (await app.open(site.foo.origin)).signIn(ada);
    const before = await site.state();
    const { json } = flowRequests(site.sso.origin, grace);
    const readable = await sendFromPage(app.page, json);
    for (const { name } of json) expect(readable[name], name).toMatchObject({ status: 200 });
    expect(await site.changesSince(before)).not.toEqual([]);
  });
});
