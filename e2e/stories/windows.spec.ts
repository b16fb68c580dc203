/** Windows side by side are always visible: a page updates as soon as its window gets the focus. */
import { ada } from '../administration.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';
import { giveFocus, takeFocus } from '../window-focus.ts';

test.use({ isFullBrowser: true });

test('after a sign-out at foo, the window of lorem beside it follows as soon as it gets the focus', async ({
  app: foo,
  openLoremAfterFoo,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.showsSignedIn(ada);
  await takeFocus(lorem.page);
  await lorem.page.evaluate(() => {
    document.addEventListener('visibilitychange', () => Object.assign(globalThis, { wasHidden: true }));
  });
  await foo.signOut();
  await lorem.showsSignedIn(ada);

  await giveFocus(lorem.page);
  await expect(lorem.form).toContainText('Your SSO session has ended');
  expect(await lorem.page.evaluate(() => 'wasHidden' in globalThis)).toBe(false);
});

test('a window that gets the focus sends its requests once, and a click in it sends none', async ({
  app,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.showsProtectedResponse(ada);
  await takeFocus(app.page);
  const atSso = await watchRequests(site, 'sso');
  await giveFocus(app.page);
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
  await app.page.getByRole('heading', { name: ada.displayName }).click();
  // Any further request of the page would come before this one.
  await app.page.evaluate(() => navigator.locks.request('samesite-sso', () => {}));
  await expect.poll(atSso).toEqual(['POST / 200']);
  await app.showsSignedIn(ada);
});
