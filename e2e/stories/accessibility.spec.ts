/**
 * Story 10: axe finds no violation in any state of the page, in both color schemes, at 1280 and at 320 px.
 */
import { ada } from '../administration.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { jsonRequest, sendFromPage } from '../cross-origin-requests.ts';
import { expect, test } from '../test.ts';

test('axe finds no violation while the page checks who is signed in', async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  // Tabs of one app take turns by a lock. While this tab holds it, the next one waits.
  await app.page.evaluate(() => {
    void navigator.locks.request('samesite-sso', () => new Promise(() => {}));
  });
  const next = await (await openTab()).open(site.foo.origin);
  await expect(next.page.getByText('Checking whether you are signed in')).toBeVisible();
  await expectNoAxeViolations(next.page);
});

test('axe finds no violation on the form and after a wrong password', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await expectNoAxeViolations(app.page);
  await app.send({ ...ada, password: 'wrong' });
  await expect(app.alert).toContainText('wrong');
  await app.page.getByRole('button', { name: 'Show' }).click();
  await expectNoAxeViolations(app.page);
});

test('axe finds no violation while a person is throttled', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  const guess = { request: 'login', username: `nobody-${Date.now()}`, password: 'wrong' } as const;
  for (let failures = 0; failures < 10; failures += 1)
    await sendFromPage(app.page, [jsonRequest(site.sso.origin, guess)]);
  await app.send(guess);
  await expect(app.timer).toBeVisible();
  await expectNoAxeViolations(app.page);
});

test('axe finds no violation after a person signed in and after they signed out', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.showsProtectedResponse(ada);
  await expectNoAxeViolations(app.page);
  await app.signOut();
  await expectNoAxeViolations(app.page);
});

test('axe finds no violation while the SSO service is down', async ({ app, browser, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await site.sso.stop();
  await app.signOutButton.click();
  await expect(app.form).toContainText('you may still be signed in to other apps');
  await expectNoAxeViolations(app.page);

  const context = await browser.newContext();
  const cold = await context.newPage();
  await cold.goto(site.foo.origin);
  await expect(cold.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expectNoAxeViolations(cold);
  await context.close();
  await site.sso.start();
});

test('axe finds no violation if the SSO service is down when a person signs in', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await site.sso.stop();
  await app.fill(ada);
  await app.signInButton.click();
  await expect(app.alert).toContainText('isn’t responding');
  await expectNoAxeViolations(app.page);
  await site.sso.start();
});

test('axe finds no violation while the app is down', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.showsProtectedResponse(ada);
  await site.foo.stop();
  await app.signOutButton.click();
  await expect(app.alert).toContainText('This app isn’t responding');
  await expectNoAxeViolations(app.page);
  await site.foo.start();
});
