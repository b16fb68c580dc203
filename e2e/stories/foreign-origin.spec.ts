/**
 * Story 6: a signed-in person opens a page that isn't an app's, on the same site or another. Its requests
 * reach the servers with cookies, but it can't read or change anything.
 */
import { ada, grace } from '../administration.ts';
import { appRequests, flowRequests, sendFromPage } from '../cross-origin-requests.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

for (const [words, name] of [
  ['an unlisted origin of the same site', 'sameSite'],
  ['another site', 'otherSite'],
] as const) {
  test(`a page of ${words} can’t read or change anything [T-ORIGIN-01]`, { tag: '@scheme' }, async ({
    app,
    openTab,
    scheme,
    site,
    foreignOrigin,
  }) => {
    await (await app.open(site.foo.origin)).signIn(ada);
    const { page } = await (await openTab()).open((await foreignOrigin(scheme, name)).origin);
    const before = await site.state();
    const atSso = await watchRequests(site, 'sso');
    const atFoo = await watchRequests(site, 'foo');

    const { json, text, form } = flowRequests(site.sso.origin, grace);
    const readable = await sendFromPage(page, [...json, ...text, ...form, ...appRequests(site.foo.origin)]);

    expect(Object.keys(readable)).toHaveLength(17);
    for (const [name, read] of Object.entries(readable)) expect(read, name).toBe('nothing');

    // The requests arrived: the servers refused them.
    await expect
      .poll(atSso)
      .toEqual([...json.map(() => 'OPTIONS / 403'), ...[...text, ...form].map(() => 'POST / 403')]);
    await expect
      .poll(async () => (await atFoo()).filter((line) => !line.startsWith('GET ')))
      .toEqual([expect.stringMatching(/^OPTIONS \S+ 4\d\d$/), 'POST /session 403']);

    expect(await site.changesSince(before)).toEqual([]);
    await app.page.reload();
    await app.showsSignedIn(ada);
    await (await (await openTab()).open(site.lorem.origin)).showsSignedIn(ada);
  });
}

test('the same requests succeed from an app’s page', { tag: '@scheme' }, async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const before = await site.state();
  const { json } = flowRequests(site.sso.origin, grace);
  const readable = await sendFromPage(app.page, json);
  for (const { name } of json) expect(readable[name], name).toMatchObject({ status: 200 });
  expect(await site.changesSince(before)).not.toEqual([]);
});
