/** The account page: where a person is signed in, what they can end from there, and their password. */

import { AccountPage } from '../account-page.ts';
import { ada, addSomebody, type Person } from '../accounts.ts';
import { AppPage } from '../app-page.ts';
import { type Attempt, attempt } from '../attempts.ts';
import { findsNothing } from '../axe.ts';
import { watchForForm } from '../form-watch.ts';
import { test as base, expect } from '../test.ts';
import { watchForViolations } from '../violations.ts';

interface Fixtures {
  account: AccountPage;
  /** Somebody whom no other story knows: their sessions are those of this story. */
  somebody: Person;
  /** The account page in another browser. */
  elsewhere: AccountPage;
}

const test = base.extend<Fixtures>({
  account: async ({ page }, use) => use(new AccountPage(page)),

  somebody: async ({ site }, use) => use(addSomebody(site.folder)),

  elsewhere: async ({ browser }, use) => {
    const context = await browser.newContext();
    const violations = await watchForViolations(context);
    await use(new AccountPage(await context.newPage()));
    await context.close();
    expect(violations, 'breaches of the Content-Security-Policy').toEqual([]);
  },
});

// Colours are judged at rest: what fades in passes through paler ones.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** The contract gives an app 5 s to hear of it. */
const SOON = { timeout: 10_000 };

/** What the app's server says of this browser, asked behind its page's back. */
const statusAt = (app: AppPage) => () =>
  app.page.evaluate(async () => (await (await fetch('/session')).json()).status as string);

test('a person ends another browser’s session, and that browser’s app is out', async ({
  app,
  elsewhere,
  site,
  somebody,
}) => {
  await (await app.open(site.foo.origin)).signIn(somebody);
  await (await elsewhere.open(site)).signIn(somebody);
  await expect(elsewhere.thisSession).toContainText('Chrome on Linux');
  await expect(elsewhere.otherSessions).toHaveCount(1);
  await expect(elsewhere.otherSessions.getByRole('link', { name: 'Foo' })).toHaveAttribute(
    'href',
    site.foo.origin,
  );
  expect(await statusAt(app)()).toBe('signed in');

  await elsewhere.otherSessions.getByRole('button', { name: /^End/ }).click();
  await expect(elsewhere.otherSessions).toHaveCount(0);
  await expect.poll(statusAt(app), SOON).toBe('signed out');
  await app.page.reload();
  await app.showsForm();
  await elsewhere.page.reload();
  await elsewhere.showsSignedIn(somebody);
});

test('a person ends all their other sessions, and this one goes on', async ({
  account,
  browser,
  site,
  somebody,
}) => {
  const others: AppPage[] = [];
  for (const { origin } of [site.foo, site.lorem]) {
    const other = new AppPage(await (await browser.newContext()).newPage());
    await (await other.open(origin)).signIn(somebody);
    others.push(other);
  }
  await (await account.open(site)).signIn(somebody);
  await expect(account.otherSessions).toHaveCount(2);
  await account.endAllButton.click();
  await expect(
    account.page.getByRole('status').filter({ hasText: 'Ended: 2 other sessions.' }),
  ).toBeVisible();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.endAllButton).toHaveCount(0);
  for (const other of others) {
    await expect.poll(statusAt(other), SOON).toBe('signed out');
    await other.page.context().close();
  }
  await account.showsSignedIn(somebody);
});

test('a person changes the password in one browser, and the other is out', async ({
  app,
  elsewhere,
  site,
  somebody,
}) => {
  const newPassword = 'the moth has left the relay';
  await (await app.open(site.foo.origin)).signIn(somebody);
  await (await elsewhere.open(site)).signIn(somebody);
  await expect(elsewhere.page.getByText('This ends all your other sessions.')).toBeVisible();
  await elsewhere.changePassword(somebody.password, newPassword);
  await expect(
    elsewhere.page.getByRole('status').filter({ hasText: 'Your password is changed.' }),
  ).toHaveText('Your password is changed. Your other session has ended.');
  await expect(elsewhere.oldPassword).toHaveValue('');
  await expect(elsewhere.newPassword).toHaveValue('');

  await expect.poll(statusAt(app), SOON).toBe('signed out');
  await app.page.reload();
  await app.send(somebody);
  await expect(app.alert).toHaveText('The username or the password is wrong.');
  await app.signIn({ ...somebody, password: newPassword });
  await elsewhere.page.reload();
  await elsewhere.showsSignedIn(somebody);
  await expect(elsewhere.otherSessions).toHaveCount(1);
});

test('what is wrong with a password is said beside its field, and nothing typed is lost', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site)).signIn(somebody);
  await account.changePassword('not the old one at all', 'a new one of many words');
  await expect(account.oldPassword).toHaveAccessibleDescription(/The old password is wrong\./);
  await expect(account.oldPassword).toBeFocused();
  await expect(account.newPassword).toHaveValue('a new one of many words');

  await account.changePassword(somebody.password, 'too short');
  await expect(account.newPassword).toHaveAccessibleDescription(/is shorter than 15 characters\./);
  await expect(account.newPassword).toBeFocused();
  await expect(account.oldPassword).toHaveValue(somebody.password);
  await expect(account.oldPassword).toHaveAccessibleDescription(/^(?!.*wrong)/);
});

test('whoever signs in on the account page is signed in at foo without a word', async ({
  account,
  openTab,
  site,
  somebody,
}) => {
  await (await account.open(site)).showsForm();
  await account.signIn(somebody);
  const foo = await openTab();
  const formWasSeen = await watchForForm(foo.page);
  await (await foo.open(site.foo.origin)).showsSignedIn(somebody);
  expect(await formWasSeen()).toBe(false);
  await account.page.reload();
  await expect(account.thisSession.getByRole('link', { name: 'Foo' })).toBeVisible();
});

test('whoever signs out on the account page is signed out at the app they came from', async ({
  account,
  context,
  openTab,
  site,
  somebody,
}) => {
  const foo = await (await openTab()).open(site.foo.origin);
  await foo.signIn(somebody);
  await (await account.open(site)).showsSignedIn(somebody);
  await account.signOutButton.click();
  await expect(account.form).toContainText('You are signed out here.');
  expect((await context.cookies()).filter(({ name }) => name === '__Host-sso')).toEqual([]);
  await expect.poll(statusAt(foo), SOON).toBe('signed out');
});

test('a wrong password is refused on the account page as anywhere, and what was typed stays', async ({
  account,
  site,
  somebody,
}) => {
  await account.open(site);
  await account.username.fill(somebody.username);
  await account.password.fill('wrong');
  await account.signInButton.click();
  await expect(account.page.getByRole('alert')).toHaveText('The username or the password is wrong.');
  await expect(account.password).toBeFocused();
  await expect(account.username).toHaveValue(somebody.username);
});

test('a session that was ended elsewhere shows as soon as the page is looked at again', async ({
  elsewhere,
  realTabs,
  site,
  somebody,
}) => {
  const account = new AccountPage(await realTabs.newPage());
  await (await account.open(site)).signIn(somebody);
  await (await realTabs.newPage()).bringToFront();
  await expect.poll(() => account.page.evaluate(() => document.visibilityState)).toBe('hidden');
  await (await elsewhere.open(site)).signIn(somebody);
  await elsewhere.endAllButton.click();
  await expect(elsewhere.otherSessions).toHaveCount(0);
  await account.showsSignedIn(somebody);
  await account.page.bringToFront();
  await expect(account.form).toContainText('Your SSO session has ended.');
  await account.showsForm();
});

test('a page that the browser keeps for the back button forgets whom it showed', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site)).signIn(somebody);
  const kept = await account.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return document.body.textContent;
  });
  expect(kept).toContain('Your account');
  expect(kept).not.toContain(somebody.displayName);
  await account.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await account.showsSignedIn(somebody);
});

test('while the SSO service is away nothing is lost, and trying again does what was wanted', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site)).signIn(somebody);
  await (await account.open(site)).signIn(somebody);
  await account.oldPassword.fill(somebody.password);
  await site.sso.stop();
  await account.endAllButton.click();
  const alert = account.page.getByRole('alert').filter({ hasText: 'may still be going on' });
  await expect(alert).toContainText('The SSO service does not answer.');
  await findsNothing(account.page);
  await site.sso.start();
  await account.page.getByRole('button', { name: 'Try again' }).click();
  await expect(account.otherSessions).toHaveCount(0);
  await expect(alert).toHaveCount(0);
  await expect(account.oldPassword).toHaveValue(somebody.password);
});

test('a person does it all with the keyboard, and the focus is never lost', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site)).signIn(somebody);
  const { keyboard } = account.page;
  await account.open(site);
  await expect(account.username).toBeFocused();
  await keyboard.type(somebody.username);
  await keyboard.press('Tab');
  await keyboard.type(somebody.password);
  await keyboard.press('Enter');
  await account.showsSignedIn(somebody);
  await expect(account.page.getByRole('heading', { name: somebody.displayName })).toBeFocused();

  await keyboard.press('Tab');
  await expect(account.signOutButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(account.endAllButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(account.otherSessions.getByRole('button')).toBeFocused();
  await keyboard.press('Enter');
  await expect(account.otherSessions).toHaveCount(0);
  await expect(account.page.getByRole('heading', { name: 'Other sessions' })).toBeFocused();

  await keyboard.press('Tab');
  await expect(account.oldPassword).toBeFocused();
  await keyboard.press('Shift+Tab');
  await expect(account.signOutButton).toBeFocused();
  await keyboard.press('Enter');
  await account.showsForm();
  await expect(account.username).toBeFocused();
});

test('axe finds nothing on the account page, signed out, signed in and refused', async ({
  account,
  elsewhere,
  site,
  somebody,
}) => {
  await (await elsewhere.open(site)).signIn(somebody);
  await (await account.open(site)).showsForm();
  await findsNothing(account.page);
  await account.signIn(somebody);
  await findsNothing(account.page);
  await account.changePassword('not the old one at all', 'a new one of many words');
  await expect(account.page.getByText('The old password is wrong.')).toBeVisible();
  await findsNothing(account.page);
});

test('the account page needs nothing that its policy forbids, and the policy forbids the rest', async ({
  account,
  site,
  violations,
}) => {
  await (await account.open(site)).signIn(ada);
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
  scheme,
  site,
  stranger,
}) => {
  await (await account.open(site)).signIn(ada);
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
  await (await account.open(site)).showsSignedIn(ada);
});
