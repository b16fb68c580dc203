/** The account page's policy: what it forbids the page itself and every other page of the site. */
import { expect, test } from '../account-test.ts';
import { ada } from '../administration.ts';
import { accountPageRequests, sendFromPage } from '../cross-origin-requests.ts';
import { frame, violatePolicy } from '../forbidden.ts';

test('the account page works under its Content-Security-Policy, which forbids everything else', {
  tag: '@scheme',
}, async ({ account, site, violations }) => {
  await (await account.open(site.sso.origin)).signIn(ada);
  expect(violations).toEqual([]);
  expect(await violatePolicy(account.page, site.foo.origin)).toBe(false);
  await expect
    .poll(() => violations.toSorted())
    .toEqual([`connect-src ${site.foo.origin}/`, 'script-src-elem inline', 'style-src-elem inline']);
  violations.length = 0;
});

test('no other page of the site can send the account page’s requests or frame it [T-FRAME-01, T-ORIGIN-08]', {
  tag: '@scheme',
}, async ({ account, app, elsewhere, scheme, site, somebody, foreignOrigin }) => {
  // A second session, which a forged request to end all other sessions would end.
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).signIn(somebody);
  await expect(account.otherSessions).toHaveCount(1);
  for (const origin of [site.foo.origin, (await foreignOrigin(scheme, 'sameSite')).origin]) {
    await app.open(origin);
    const readable = await sendFromPage(app.page, accountPageRequests(site.sso.origin));
    expect(Object.entries(readable).filter(([, each]) => each !== 'nothing')).toEqual([]);
  }
  const refused = app.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await frame(app.page, site.sso.origin);
  await refused;
  await (await account.open(site.sso.origin)).showsSignedIn(somebody);
  await (await elsewhere.open(site.sso.origin)).showsSignedIn(somebody);
});
