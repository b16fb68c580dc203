/**
 * A person who signs out at one app is signed out at all apps: their servers are notified without any page.
 */
import { ada, addSomebody, administrate } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

/** The documented limit: under normal conditions, an app is notified of a logout within 5 s. */
const WITHIN_5_S = { timeout: 5000 };

test('a sign-out at foo signs the person out at lorem without lorem’s page', async ({
  app: foo,
  openLoremAfterFoo,
  site,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  const atLorem = await watchRequests(site, 'lorem');
  await foo.signOutButton.click();
  await expect.poll(atLorem, WITHIN_5_S).toEqual(['POST /backchannel-logout 200']);
  expect(await lorem.sessionStatus()).toBe('signed out');
  expect(await lorem.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
  await lorem.page.reload();
  await lorem.showsForm();
});

test('a sign-out at the second app signs the person out where they typed the password', async ({
  app: foo,
  openLoremAfterFoo,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  await lorem.signOutButton.click();
  await expect.poll(() => foo.sessionStatus(), WITHIN_5_S).toBe('signed out');
});

test('a sign-out ends neither another browser’s session nor this browser’s next one', async ({
  app: foo,
  browser,
  openLoremAfterFoo,
  site,
}) => {
  const elsewhere = await browser.newContext();
  const other = new AppPage(await elsewhere.newPage());
  await (await other.open(site.foo.origin)).signIn(ada);
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  const [atFoo, atLorem] = [await watchRequests(site, 'foo'), await watchRequests(site, 'lorem')];
  await foo.signOutButton.click();
  await foo.signIn(ada);
  for (const at of [atFoo, atLorem]) {
    await expect.poll(at, WITHIN_5_S).toContain('POST /backchannel-logout 200');
  }
  expect(await foo.sessionStatus()).toBe('signed in');
  expect(await other.sessionStatus()).toBe('signed in');
  await elsewhere.close();
});

test('lorem learns of a sign-out that happened while it was down', { tag: '@full' }, async ({
  app: foo,
  openLoremAfterFoo,
  site,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  await site.lorem.stop();
  await foo.signOut();
  await expect.poll(() => site.sso.log().join('\n')).toContain('logout not delivered');
  await site.lorem.start();
  await expect.poll(() => lorem.sessionStatus()).toBe('signed out');
});

test('lorem learns of a sign-out even if the SSO service stopped before it could notify lorem', {
  tag: '@full',
}, async ({ app: foo, openLoremAfterFoo, site }) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  await site.lorem.stop();
  await foo.signOut();
  await site.sso.stop();
  await site.lorem.start();
  expect(await lorem.sessionStatus(), 'it hasn’t been notified yet').toBe('signed in');
  await site.sso.start();
  await expect.poll(() => lorem.sessionStatus()).toBe('signed out');
});

test('a disabled account is signed out everywhere within seconds and can return once enabled', async ({
  app: foo,
  openLoremAfterFoo,
  site,
}) => {
  const somebody = await addSomebody(site);
  const lorem = await openLoremAfterFoo(somebody);
  await lorem.showsSignedIn(somebody);
  administrate(site, ['account', 'disable', somebody.username]);
  await expect.poll(() => foo.sessionStatus(), WITHIN_5_S).toBe('signed out');
  await expect.poll(() => lorem.sessionStatus(), WITHIN_5_S).toBe('signed out');

  await foo.page.reload();
  await foo.send(somebody);
  await expect(foo.alert).toHaveText('The username or the password is wrong.');
  administrate(site, ['account', 'enable', somebody.username]);
  await foo.signIn(somebody);
});
