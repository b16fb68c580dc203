/**
 * Story 9: the SSO service stops, hangs, or sends junk, and comes back. Nobody loses a session; pages
 * say what is wrong and recover by themselves.
 */
import type { ServerResponse } from 'node:http';
import { ada } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { watchRequests } from '../request-log.ts';
import { startServer } from '../server.ts';
import { paused, type StorySite } from '../story-site.ts';
import { expect, test } from '../test.ts';

/** A page without a response retries after 5 to 10 s, and then after up to twice as long. */
const recovery = { timeout: 35_000 };

const words = 'The SSO service isn’t responding, or it doesn’t know this app.';

test('while the SSO service is down app sessions go on, and afterwards everybody is still signed in', async ({
  app,
  browser,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await site.sso.stop();

  await app.page.reload();
  await app.showsSignedIn(ada);
  await app.showsProtectedResponse(ada);

  const lorem = await (await openTab()).open(site.lorem.origin);
  await expect(lorem.alert).toContainText(words);
  await expect(lorem.form).toHaveCount(0);
  const coldContext = await browser.newContext();
  const cold = await new AppPage(await coldContext.newPage()).open(site.foo.origin);
  await expect(cold.alert).toContainText(words);
  const failed = cold.page.waitForEvent('requestfailed');
  await cold.tryAgainButton.click();
  await failed;
  await expect(cold.alert).toContainText(words);

  await site.sso.start();
  // Nobody touches either page.
  await expect(lorem.tryAgainButton).toHaveCount(0, recovery);
  await lorem.showsSignedIn(ada);
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'done', 4: 'done' });
  await expect(cold.tryAgainButton).toHaveCount(0, recovery);
  await cold.showsForm();
  await coldContext.close();
});

test('a tab that becomes visible while the SSO service is down stays signed in', async ({
  realTabs,
  site,
}) => {
  const foo = new AppPage(await realTabs.newPage());
  await (await foo.open(site.foo.origin)).signIn(ada);
  await (await realTabs.newPage()).bringToFront();
  await expect.poll(() => foo.page.evaluate(() => document.visibilityState)).toBe('hidden');
  await site.sso.stop();
  const atFoo = await watchRequests(site, 'foo');
  await foo.page.bringToFront();
  await foo.showsSteps({ 1: 'done', 2: 'unanswered', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
  await foo.showsSignedIn(ada);
  expect(await atFoo()).not.toContain('DELETE /session 200');
  await site.sso.start();
});

test('a page gives up an unresponsive SSO service after five seconds', async ({ app, site }) => {
  await paused(site.sso, async () => {
    await app.open(site.foo.origin);
    await expect(app.alert).toContainText(words, { timeout: 10_000 });
    await app.showsSteps({ 1: 'done', 2: 'unanswered' });
  });
  await expect(app.tryAgainButton).toHaveCount(0, recovery);
  await app.showsForm();
});

/**
 * Runs while the SSO service itself is stopped.
 *
 * @param respond to every request but preflights, which get the protocol's response
 * @returns a function that stops it
 */
async function startFakeSso(
  site: StorySite,
  respond: (response: ServerResponse) => void,
): Promise<() => Promise<void>> {
  const port = Number(new URL(site.sso.address).port);
  const { close } = await startServer(
    site.certificates,
    ({ method, headers }, response) => {
      response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Access-Control-Allow-Headers', 'Content-Type');
      if (method === 'OPTIONS') response.writeHead(204).end();
      else respond(response.setHeader('Content-Type', 'application/json'));
    },
    port,
  );
  return close;
}

/** Longer than a page waits for a response. */
const LATE_MS = 7000;

for (const [what, tag, respond] of [
  ['sends half a response', [], (response) => void response.writeHead(200).end('{"status":"signed')],
  ['responds with an error without a code', '@full', (response) => void response.writeHead(500).end('{}')],
  ['closes every connection', '@full', (response) => void response.destroy()],
  [
    'responds too late',
    '@full',
    (response) => void setTimeout(() => response.end('{"status":"signed out"}'), LATE_MS),
  ],
] as [string, string | [], (response: ServerResponse) => void][]) {
  test(`while a fake SSO service ${what}, nobody is signed in, and pages recover afterwards`, {
    tag,
  }, async ({ app, openTab, site }) => {
    await (await app.open(site.foo.origin)).signIn(ada);
    await site.sso.stop();
    const end = await startFakeSso(site, respond);
    await app.page.reload();
    await app.showsSignedIn(ada);
    const lorem = await (await openTab()).open(site.lorem.origin);
    await expect(lorem.alert).toContainText(words, { timeout: 10_000 });
    await expect(lorem.form).toHaveCount(0);
    expect(await lorem.sessionStatus()).toBe('signed out');
    await end();
    await site.sso.start();
    await expect(lorem.tryAgainButton).toHaveCount(0, recovery);
    await lorem.showsSignedIn(ada);
  });
}

test('a page whose own app doesn’t respond says so and recovers by itself', async ({
  app,
  context,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.showsProtectedResponse(ada);
  await paused(site.foo, async () => {
    await context.setOffline(true);
    await context.setOffline(false); // The browser's `online` event makes the page send its requests.
    await expect(app.alert).toContainText('This app isn’t responding.', { timeout: 10_000 });
    await app.showsSignedIn(ada);
  });
  await expect(app.tryAgainButton).toHaveCount(0, recovery);
  await app.showsSignedIn(ada);
});
