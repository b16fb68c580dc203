/** An invitation link leads a new person, or one who lost everything, to a password of their own. */
import { randomUUID } from 'node:crypto';
import type { Request } from '@playwright/test';
import { expect, test, WITHIN_10_S } from '../account-test.ts';
import { grace, invite } from '../administration.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { watchRequests } from '../request-log.ts';

const PASSWORD = 'the moth has left the relay';

test('a new person sets a password, is signed in everywhere, and is led to a passkey [T-INVITE-04]', {
  tag: '@scheme',
}, async ({ account, app, site }) => {
  const username = randomUUID();
  const person = { username, displayName: 'A New Colleague', password: PASSWORD };
  const link = invite(site, username, '--name', person.displayName);
  const { page } = account;
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Welcome, A New Colleague' })).toBeVisible();
  expect(page.url(), 'the secret has left the address bar').toBe(`${site.sso.origin}/`);
  await expect(account.newPassword).toBeFocused();

  await account.newPassword.fill('too short');
  await page.keyboard.press('Enter');
  await expect(account.newPassword).toHaveAccessibleDescription(/is shorter than 15 characters\./);
  await account.newPassword.fill(PASSWORD);
  await page.keyboard.press('Enter');
  await account.showsSignedIn(person);
  const advice = page.locator('.notice').filter({ hasText: 'Next, add a passkey' });
  await expect(advice).toBeFocused();
  await account.signOut();
  await account.signIn(grace);
  await expect(advice, 'it is for the invited person').toHaveCount(0);
  await account.signOut();
  await account.signIn(person);
  await expect(advice).toBeFocused();
  await advice.getByRole('button', { name: 'Not now' }).click();
  await expect(advice).toHaveCount(0);
  await expect(page.getByRole('heading', { name: person.displayName })).toBeFocused();

  await (await app.open(site.foo.origin)).showsSignedIn(person);
  await page.goBack();
  expect(page.url()).not.toContain('invitation');
  await page.goto(link);
  await expect(account.alert.filter({ hasText: 'This invitation doesn’t work.' })).toBeVisible();
  await page.getByRole('button', { name: 'Go to your account' }).click();
  await account.showsSignedIn(person);
});

test('accepting an invitation signs the person out everywhere else', async ({
  account,
  elsewhere,
  app,
  site,
  somebody,
}) => {
  await (await app.open(site.foo.origin)).signIn(somebody);
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  const { page } = elsewhere;
  // In a tab that shows the account page already: only the fragment changes.
  await page.goto(invite(site, somebody.username));
  await expect(page.getByRole('heading', { name: `Welcome, ${somebody.displayName}` })).toBeVisible();
  expect(await app.sessionStatus(), 'the old session goes on until then').toBe('signed in');
  await elsewhere.newPassword.fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await elsewhere.showsSignedIn(somebody);
  await expect.poll(() => app.sessionStatus(), WITHIN_10_S).toBe('signed out');
  await (await account.open(site.sso.origin)).showsForm();
});

test('no Referer, no address and no log has an invitation’s secret [T-INVITE-04]', async ({
  account,
  app,
  site,
  somebody,
}) => {
  const { page } = account;
  const link = invite(site, somebody.username);
  const secret = new URL(link).hash.replace('#invitation=', '');
  const requests: Request[] = [];
  page.context().on('request', (request) => requests.push(request));
  const servers = [await watchRequests(site, 'sso'), await watchRequests(site, 'foo')];
  const response = await page.goto(link);
  expect(response?.headers()['referrer-policy']).toBe('no-referrer');
  await expect(account.newPassword).toBeFocused();
  await page.evaluate((href) => {
    const leaving = Object.assign(document.createElement('a'), { href });
    document.body.append(leaving);
    leaving.click();
  }, site.foo.origin);
  await app.showsForm();

  // The fragment of the first request stays in the browser.
  const withoutFragment = (request: Request) => request.url().split('#')[0];
  expect(requests.map(withoutFragment)).toContain(`${site.foo.origin}/`);
  for (const request of requests) {
    const headers = await request.allHeaders();
    expect(headers['referer'], request.url()).toBeUndefined();
    expect(withoutFragment(request) + JSON.stringify(headers)).not.toContain(secret);
  }
  const [atSso, atFoo] = await Promise.all(servers.map((requestsAt) => requestsAt()));
  expect(atSso).toContain('POST /account/invitation 200');
  expect(atFoo).toContain('GET / 200');
  for (const server of [site.sso, site.foo, site.lorem]) {
    expect(server.log().join('\n'), server.name).not.toContain(secret);
  }
});

test('the invitation page has no accessibility problem that axe finds', { tag: '@page' }, async ({
  account,
  site,
  somebody,
}) => {
  await account.page.goto(invite(site, somebody.username));
  await expect(account.newPassword).toBeVisible();
  await expectNoAxeViolations(account.page);
});

test('without a response, the invitation page says that the password may already be set', {
  tag: '@page',
}, async ({ account, site, somebody }) => {
  const { page } = account;
  await page.goto(invite(site, somebody.username));
  await expect(account.newPassword).toBeVisible();
  await site.sso.stop();
  await account.newPassword.fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await expect(account.alert.filter({ hasText: 'isn’t responding' })).toContainText(
    'Your password may already be set',
  );
  await site.sso.start();
  await account.tryAgainButton.click();
  await account.showsSignedIn(somebody);
});
