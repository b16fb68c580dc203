/**
 * A person who signs out is signed out of this app at once, even if they leave the page on the same click or
 * the SSO service doesn't respond. The rest is finished without the page.
 */
import type { Page } from '@playwright/test';
import { addSomebody, administrate, type Person } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { paused, type StorySite } from '../story-site.ts';
import { expect, test } from '../test.ts';

const PENDING = 'The SSO service hasn’t confirmed it yet, so you may still be signed in to other apps.';

/** A page waits 1 s for the SSO service before it says so. The rest is tolerance for a busy machine. */
const PENDING_TIMEOUT_MS = 2500;
/** The app's server pauses for up to a minute between two attempts, unless its page shortens the pause. */
const WITHIN_45_S = { timeout: 45_000 };

for (const [what, tag, leave] of [
  ['goes on to another page', [], (page: Page) => page.waitForURL('**/livez')],
  ['closes the tab', '@full', (page: Page) => page.close()],
] as [string, string | [], (page: Page) => Promise<void>][]) {
  test(`a person who signs out and ${what} on that click is signed out everywhere [T-SIGNOUT-01]`, {
    tag,
  }, async ({ app, browser, site }) => {
    const somebody = await addSomebody(site);
    await (await app.open(site.foo.origin)).signIn(somebody);
    // A restarted browser has its cookies but no cached preflight.
    const storageState = await app.page.context().storageState();
    const restarted = await browser.newContext({ storageState });
    const lorem = await new AppPage(await restarted.newPage()).open(site.lorem.origin);
    await lorem.showsSignedIn(somebody);
    const foo = await new AppPage(await restarted.newPage()).open(site.foo.origin);
    await foo.showsSignedIn(somebody);

    // The SSO service responds to the preflight only after the page is gone.
    await paused(site.sso, async () => {
      await foo.signOutButton.evaluate((button: HTMLButtonElement, isNavigating) => {
        // Runs after React's listener, which is on an inner element.
        if (isNavigating) addEventListener('click', () => location.assign('/livez'));
        button.click();
      }, what === 'goes on to another page');
      await leave(foo.page);
      // Once another page is open, the previous one is gone.
      await (await restarted.newPage()).goto(`${site.foo.origin}/livez`);
    });

    await expect.poll(() => sessionsOf(somebody, site), WITHIN_45_S).toEqual([]);
    await expect.poll(() => lorem.sessionStatus()).toBe('signed out');
    const back = await new AppPage(await restarted.newPage()).open(site.foo.origin);
    await back.showsForm();
    await restarted.close();
  });
}

test('a sign-out ends foo’s session while the SSO service hangs, and the rest later [T-SIGNOUT-02]', async ({
  app,
  openTab,
  site,
}) => {
  const somebody = await addSomebody(site);
  await (await app.open(site.foo.origin)).signIn(somebody);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(somebody);
  await app.page.bringToFront();

  await paused(site.sso, async () => {
    await app.signOutButton.click();
    await expect(app.form).toContainText(PENDING, { timeout: PENDING_TIMEOUT_MS });
    await expect(app.form).toContainText('You are signed out here.');
    await expect(app.alert.filter({ hasText: /\w/ }), 'nothing is wrong').toHaveCount(0);
    expect(await app.sessionStatus()).toBe('signed out');
    await expectNoAxeViolations(app.page);

    await app.page.reload();
    await expect(app.alert).toContainText('The SSO service isn’t responding', { timeout: 10_000 });
    await expect(app.page.getByText(somebody.displayName)).toHaveCount(0);
    expect(await app.sessionStatus()).toBe('signed out');
  });

  await expect.poll(() => sessionsOf(somebody, site), WITHIN_45_S).toEqual([]);
  await expect.poll(() => lorem.sessionStatus()).toBe('signed out');
  await expect(app.form).toBeVisible(WITHIN_45_S);
  expect(await app.sessionStatus()).toBe('signed out');
});

test('a sign-out while the SSO service is down finishes after the browser was closed [T-SIGNOUT-03]', async ({
  app,
  browser,
  site,
}) => {
  const somebody = await addSomebody(site);
  const context = await browser.newContext();
  const foo = await new AppPage(await context.newPage()).open(site.foo.origin);
  await foo.signIn(somebody);
  const cookies = await context.storageState();
  await site.sso.stop();
  await foo.signOutButton.click();
  await expect(foo.form).toContainText(PENDING, { timeout: PENDING_TIMEOUT_MS });
  await context.close();
  await site.sso.start();

  // No page is open, so only the app's server can finish the sign-out.
  await expect.poll(() => sessionsOf(somebody, site), WITHIN_45_S).toEqual([]);
  // Not even with the cookies from before the sign-out.
  await app.page.context().addCookies(cookies.cookies);
  await (await app.open(site.foo.origin)).showsForm();
});

test('a page with a pending sign-out updates itself, and the next person can sign in', async ({
  app,
  site,
}) => {
  const [first, second] = [await addSomebody(site), await addSomebody(site)];
  await (await app.open(site.foo.origin)).signIn(first);
  await site.sso.stop();
  await app.signOutButton.click();
  await expect(app.form).toContainText(PENDING, { timeout: PENDING_TIMEOUT_MS });
  await app.username.fill(second.username);
  await site.sso.start();
  await expect(app.form).not.toContainText(PENDING, WITHIN_45_S);
  await expect(app.username, 'what was typed stays').toHaveValue(second.username);
  await app.signIn(second);
  expect(await sessionsOf(first, site)).toEqual([]);
});

test('a sign-out while foo is down shows as unfinished and finishes once foo is up [T-SIGNOUT-04]', async ({
  app,
  site,
}) => {
  const somebody = await addSomebody(site);
  await (await app.open(site.foo.origin)).signIn(somebody);
  await app.showsProtectedResponse(somebody);
  await site.foo.stop();
  await app.signOutButton.click();
  await expect(app.alert).toContainText('The sign-out isn’t complete: you may still be signed in.');
  await expect(app.alert).toContainText('It completes as soon as this app responds.');
  await site.foo.start();
  await app.page.reload();
  await app.showsForm();
  expect(await app.sessionStatus()).toBe('signed out');
  expect(await sessionsOf(somebody, site)).toEqual([]);
});

/** A person's sessions in the SSO service's command line. */
async function sessionsOf({ username }: Person, site: StorySite): Promise<unknown[]> {
  return JSON.parse(administrate(site, ['session', 'list', username, '--json'])) as unknown[];
}
