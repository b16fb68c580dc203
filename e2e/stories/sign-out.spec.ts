/**
 * Story 4: a person who signs out at one app is signed out at the SSO service, and other apps follow when
 * they become visible.
 */
import { ada, grace } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

test('after a sign-out at foo, the tab of lorem follows as soon as it is visible', async ({
  signInAtBoth,
  site,
}) => {
  const { lorem, foo } = await signInAtBoth(ada);
  await lorem.page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));

  const atLorem = await watchRequests(site, 'lorem');
  await foo.signOutButton.click();
  await expect(foo.form).toContainText('You are signed out here and at the SSO service.');
  const fromPages = (await atLorem()).filter((line) => line !== 'POST /backchannel-logout 200');
  expect(fromPages, 'a hidden tab sends nothing').toEqual([]);

  await lorem.page.bringToFront();
  await expect(lorem.form).toContainText(/session has ended/);
  await lorem.showsForm();
  expect(await lorem.page.evaluate(() => 'isSameDocument' in globalThis)).toBe(true);
  expect(await lorem.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
});

test('if another person has signed in meanwhile, a tab shows them as soon as it is visible', async ({
  signInAtBoth,
}) => {
  const { lorem, foo } = await signInAtBoth(ada);
  await foo.signOutButton.click();
  await foo.signIn(grace);
  await lorem.page.bringToFront();
  await lorem.showsSignedIn(grace);
});

test('a tab that becomes visible again stays signed in if nothing has happened elsewhere', async ({
  realTabs,
  site,
}) => {
  const foo = new AppPage(await realTabs.newPage());
  await (await foo.open(site.foo.origin)).signIn(ada);
  const other = await realTabs.newPage();
  await other.bringToFront();
  await expect.poll(() => foo.page.evaluate(() => document.visibilityState)).toBe('hidden');
  const atSso = await watchRequests(site, 'sso');
  await foo.page.bringToFront();
  await foo.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
  await expect.poll(atSso).toEqual(['POST / 200']);
  await foo.showsSignedIn(ada);
});

test('a sign-out ends both sessions: after a reload and at another app the person is signed out', async ({
  app,
  context,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.signOut();
  expect(await context.cookies()).toEqual([]);
  await app.page.reload();
  await app.showsForm();
  await (await (await openTab()).open(site.lorem.origin)).showsForm();
});
