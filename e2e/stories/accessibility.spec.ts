/** Story 10: axe finds nothing on any state of the page, in both colour schemes, wide and at 320 px. */
import { ada } from '../administration.ts';
import { asJson, attempt } from '../attempts.ts';
import { findsNothing } from '../axe.ts';
import { expect, test } from '../test.ts';

// Colours are judged at rest: what fades in passes through paler ones.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('axe finds nothing while the page asks who the person is', async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  // Tabs of one app walk in turn: while this one keeps the turn, the next has to wait.
  await app.page.evaluate(() => {
    void navigator.locks.request('samesite-sso', () => new Promise(() => {}));
  });
  const next = await (await openTab()).open(site.foo.origin);
  await expect(next.page.getByText('Checking whether you are signed in')).toBeVisible();
  await findsNothing(next.page);
});

test('axe finds nothing on the form, nor after a wrong password', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await findsNothing(app.page);
  await app.send({ ...ada, password: 'wrong' });
  await expect(app.alert).toContainText('wrong');
  await app.page.getByRole('button', { name: 'Show' }).click();
  await findsNothing(app.page);
});

test('axe finds nothing while a person has to wait', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  const guess = { request: 'login', username: `nobody-${Date.now()}`, password: 'wrong' } as const;
  for (let failures = 0; failures < 10; failures += 1)
    await attempt(app.page, [asJson(site.sso.origin, guess)]);
  await app.send(guess);
  await expect(app.timer).toBeVisible();
  await findsNothing(app.page);
});

test('axe finds nothing once a person is signed in, nor when they were signed out', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await expect(app.page.getByText('"username": "ada"')).toBeVisible();
  await findsNothing(app.page);
  await app.signOutButton.click();
  await app.showsForm();
  await findsNothing(app.page);
});

test('axe finds nothing while the SSO service is away', async ({ app, browser, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await site.sso.stop();
  await app.signOutButton.click();
  await expect(app.form).toContainText('you may still be signed in to other apps');
  await findsNothing(app.page);

  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const cold = await context.newPage();
  await cold.goto(site.foo.origin);
  await expect(cold.getByRole('button', { name: 'Try again' })).toBeVisible();
  await findsNothing(cold);
  await context.close();
  await site.sso.start();
});

test('axe finds nothing when the SSO service is away at the moment of signing in', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await site.sso.stop();
  await app.fill(ada);
  await app.signInButton.click();
  await expect(app.alert).toContainText('isn’t responding');
  await findsNothing(app.page);
  await site.sso.start();
});

test('axe finds nothing while the app is away', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await site.foo.stop();
  await app.signOutButton.click();
  await expect(app.alert).toContainText('This app isn’t responding');
  await findsNothing(app.page);
  await site.foo.start();
});
