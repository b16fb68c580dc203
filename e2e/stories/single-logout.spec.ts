/** Signed out at one app, signed out at all: the apps' servers are told, and no page takes part. */
import { ada, addSomebody } from '../accounts.ts';
import { administrate } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

/** The contract's bound: while nothing is wrong, an app knows within 5 s. */
const IN_TIME = { timeout: 5000 };

/** What the app's server says of this browser, asked behind its page's back. */
const statusAt = (app: AppPage) => () =>
  app.page.evaluate(async () => (await (await fetch('/session')).json()).status as string);

test('a sign-out at foo signs the person out at lorem, without lorem’s page being touched', async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  const atLorem = await watchRequests(site, 'lorem');
  await foo.signOutButton.click();
  await expect.poll(atLorem, IN_TIME).toEqual(['POST /backchannel-logout 200']);
  expect(await statusAt(lorem)()).toBe('signed out');
  expect(await lorem.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
  await lorem.page.reload();
  await lorem.showsForm();
});

test('so does a sign-out at the app that was signed in silently, for the one where the password was typed', async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await lorem.signOutButton.click();
  await expect.poll(statusAt(foo), IN_TIME).toBe('signed out');
});

test('nobody else is signed out by it, in another browser as the same person or in this one’s next session', async ({
  app: foo,
  browser,
  openTab,
  site,
}) => {
  const elsewhere = await browser.newContext();
  const other = new AppPage(await elsewhere.newPage());
  await (await other.open(site.foo.origin)).signIn(ada);
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  const atLorem = await watchRequests(site, 'lorem');
  await foo.signOutButton.click();
  await foo.signIn(ada);
  await expect.poll(atLorem, IN_TIME).toContain('POST /backchannel-logout 200');
  expect(await statusAt(foo)()).toBe('signed in');
  expect(await statusAt(other)()).toBe('signed in');
  await elsewhere.close();
});

test('lorem, down while the person signs out, learns of it once it is up', async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await site.lorem.stop();
  await foo.signOutButton.click();
  await foo.showsForm();
  await expect.poll(() => site.sso.log().join('\n')).toContain('logout not delivered');
  await site.lorem.start();
  await expect.poll(statusAt(lorem)).toBe('signed out');
});

test('so it does when the SSO service, too, was stopped before it could tell', async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await site.lorem.stop();
  await foo.signOutButton.click();
  await foo.showsForm();
  await site.sso.stop();
  await site.lorem.start();
  expect(await statusAt(lorem)(), 'nobody has told it yet').toBe('signed in');
  await site.sso.start();
  await expect.poll(statusAt(lorem)).toBe('signed out');
});

test('an account that its operator disables is out at every app within seconds, and back once it is enabled', async ({
  app: foo,
  openTab,
  site,
}) => {
  const somebody = addSomebody(site.folder);
  await (await foo.open(site.foo.origin)).signIn(somebody);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(somebody);
  administrate(site.folder, ['account', 'disable', somebody.username]);
  await expect.poll(statusAt(foo), IN_TIME).toBe('signed out');
  await expect.poll(statusAt(lorem), IN_TIME).toBe('signed out');

  await foo.page.reload();
  await foo.send(somebody);
  await expect(foo.alert).toHaveText('The username or the password is wrong.');
  administrate(site.folder, ['account', 'enable', somebody.username]);
  await foo.signIn(somebody);
});
