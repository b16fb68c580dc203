/** A sign-out in one tab shows in the other tabs of that app, even in background tabs. */
import { ada } from '../administration.ts';
import { AppPage, sentBy } from '../app-page.ts';
import { expect, test } from '../test.ts';

test('after a sign-out in one tab of foo, a background tab shows the form', async ({ realTabs, site }) => {
  const hidden = new AppPage(await realTabs.newPage());
  await (await hidden.open(site.foo.origin)).signIn(ada);
  const front = new AppPage(await realTabs.newPage());
  await (await front.open(site.foo.origin)).showsSignedIn(ada);
  await expect.poll(() => hidden.page.evaluate(() => document.visibilityState)).toBe('hidden');
  await hidden.page.evaluate(() => {
    document.addEventListener('visibilitychange', () => Object.assign(globalThis, { wasVisible: true }));
  });

  await front.signOut();
  await hidden.showsForm();
  await expect(hidden.form).toContainText('Your SSO session has ended');
  expect(await hidden.page.evaluate(() => 'wasVisible' in globalThis)).toBe(false);
  expect(await hidden.page.evaluate(() => document.visibilityState)).toBe('hidden');
});

test('the tab that signs out sends its requests once and ignores its own message', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const sent: string[] = [];
  app.page.on('request', (request) => {
    const { request: name = '' } = sentBy(request);
    // The form asks for one, for the autofill of passkeys, once it is shown.
    if (name === 'passkey challenge') return;
    sent.push(`${request.method()} ${new URL(request.url()).pathname} ${name}`.trim());
  });
  await app.signOut();
  // A request caused by its own message would come before this one.
  await app.page.evaluate(() => navigator.locks.request('samesite-sso', () => {}));
  expect(sent).toEqual(['POST / logout', 'DELETE /session', 'GET /session', 'POST / login status']);
});
