/** The account page's policy: what it forbids the page itself, and every other page of the site. */
import { expect, test } from '../account-test.ts';
import { ada } from '../accounts.ts';
import { type Attempt, attempt } from '../attempts.ts';

test('the account page needs nothing that its policy forbids, and the policy forbids the rest', async ({
  account,
  site,
  violations,
}) => {
  await (await account.open(site.sso.origin)).signIn(ada);
  expect(violations).toEqual([]);
  await account.page.evaluate(async (url) => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.wasInjected = true';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(script, style);
    await fetch(url).catch(() => {});
  }, site.foo.origin);
  await expect
    .poll(() => violations.toSorted())
    .toEqual([`connect-src ${site.foo.origin}/`, 'script-src-elem inline', 'style-src-elem inline']);
  expect(await account.page.evaluate(() => 'wasInjected' in globalThis)).toBe(false);
  violations.length = 0;
});

test('no other page of the site can ask in its place, an app’s as little as a stranger’s, or frame it', async ({
  account,
  app,
  elsewhere,
  scheme,
  site,
  somebody,
  stranger,
}) => {
  // Theirs is the other session, which the button for all other sessions would end.
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await (await account.open(site.sso.origin)).signIn(somebody);
  await expect(account.otherSessions).toHaveCount(1);
  const json = { headers: { 'Content-Type': 'application/json' }, body: '{}' };
  const at = (method: string, path: string, init: Partial<Attempt['init']> = {}): Attempt => ({
    name: `${method} ${path} ${init.mode ?? ''}`,
    url: `${site.sso.origin}/account/${path}`,
    init: { method, ...init },
  });
  const attempts = [
    at('GET', 'overview'),
    at('GET', 'overview', { mode: 'no-cors' }),
    at('DELETE', 'sessions'),
    at('POST', 'logout', json),
    at('POST', 'logout', { mode: 'no-cors', body: '{}' }),
  ];
  for (const origin of [site.foo.origin, (await stranger(scheme, 'sameSite')).origin]) {
    await app.open(origin);
    const loot = await attempt(app.page, attempts);
    expect(Object.entries(loot).filter(([, each]) => each !== 'nothing')).toEqual([]);
  }
  const refused = app.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await app.page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, site.sso.origin);
  await refused;
  await (await account.open(site.sso.origin)).showsSignedIn(somebody);
  await (await elsewhere.open(site.sso.origin)).showsSignedIn(somebody);
});
