/** Tabs that open at the same time share their cookies and must not end each other's sessions. */
import { ada, grace } from '../administration.ts';
import { paused } from '../story-site.ts';
import { expect, test } from '../test.ts';

test('two tabs of one app that open at the same time share one app session and are both signed in', async ({
  app,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const tabs = [await openTab(), await openTab()];
  const redeemed: string[] = [];
  for (const { page } of tabs) {
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url() === `${site.lorem.origin}/session`)
        redeemed.push(request.url());
    });
  }
  await Promise.all(tabs.map((tab) => tab.open(site.lorem.origin)));
  for (const tab of tabs) {
    await tab.showsSignedIn(ada);
    expect(await tab.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(200);
  }
  expect(redeemed).toHaveLength(1);
});

test('tabs of two apps that open at the same time are both signed in', async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.page.evaluate(async () => (await fetch('/session', { method: 'DELETE' })).status);
  const [foo, lorem] = [await openTab(), await openTab()];
  await Promise.all([foo.open(site.foo.origin), lorem.open(site.lorem.origin)]);
  await foo.showsSignedIn(ada);
  await lorem.showsSignedIn(ada);
});

test('a sign-in that replaces the SSO session leaves another tab signed in by the new session', async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).showsForm();
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.fill(grace);
  const redeemed: number[] = [];
  foo.page.on('response', (response) => {
    if (response.request().method() === 'POST' && response.url() === `${site.foo.origin}/session`) {
      redeemed.push(response.status());
    }
  });

  // Foo's tab has its token and waits for foo's server while the sign-in at lorem ends the token's session.
  await paused(site.foo, async () => {
    const underWay = foo.page.waitForRequest(`${site.foo.origin}/session`);
    await foo.send(ada);
    await underWay;
    await lorem.signInButton.click();
    await lorem.showsSignedIn(grace);
  });
  await foo.showsSignedIn(grace);
  expect(redeemed).toEqual([401, 201]);
});
