/**
 * Story 5: foo's app session lasts two seconds, lorem's sixteen. Each is renewed silently while the SSO
 * session is active.
 */
import type { BrowserContext } from '@playwright/test';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada } from '../administration.ts';
import { watchForForm } from '../flash-watch.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

test.use({
  environment: { foo: { APP_SESSION_SECONDS: '2' }, lorem: { APP_SESSION_SECONDS: '16' } },
});
test.describe.configure({ mode: 'default' }); // Serial, so that one such site is enough.

test('an app session that expires while the person looks at the page is renewed without a form', async ({
  app,
  context,
  openTab,
  site,
}) => {
  await (await app.open(site.lorem.origin)).signIn(ada);
  const foo = await openTab();
  const formWasSeen = await watchForForm(foo.page);
  await foo.open(site.foo.origin);
  await foo.showsSignedIn(ada);
  const atFoo = await watchRequests(site, 'foo');
  const first = await appSession(context, site.foo.origin);
  const renewals = async () => (await atFoo()).filter((line) => line === 'POST /session 201').length;

  await expect.poll(renewals).toBeGreaterThanOrEqual(1);
  await expect.poll(() => appSession(context, site.foo.origin)).not.toBe(first);
  await expect.poll(renewals, 'and again').toBeGreaterThanOrEqual(2);
  await foo.showsSignedIn(ada);
  expect(await formWasSeen()).toBe(false);
});

test('a person who comes back after their app session expired is signed in by steps 1 to 4', async ({
  app,
  context,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.page.close();
  await expect.poll(() => appSession(context, site.foo.origin), 'it runs out').toBeUndefined();

  const foo = await openTab();
  const formWasSeen = await watchForForm(foo.page);
  const atSso = await watchRequests(site, 'sso');
  await foo.open(site.foo.origin);
  await foo.showsSignedIn(ada);
  expect(await formWasSeen()).toBe(false);
  const expected = ['POST / 200', 'POST / 200', 'POST /introspect 200'];
  await expect.poll(async () => (await atSso()).slice(0, 3)).toEqual(expected);
});

test('a person who stays beyond the app session’s end stays signed in and sees the new end', async ({
  app,
  site,
}) => {
  await (await app.open(site.lorem.origin)).signIn(ada);
  const atLorem = await watchRequests(site, 'lorem');
  const ends = app.page.locator('time');
  const firstEnd = (await ends.textContent()) ?? '';
  const renewal = { intervals: [250], timeout: 25_000 };
  const send = () => app.page.evaluate(async () => (await fetch('/api/me')).status);
  const renewals = async () => {
    // As an app's page sends requests, for instance while a person types. One that meets a renewal may carry
    // the cookie that is just being replaced.
    if ((await send()) !== 200) await expect.poll(send, { timeout: 2000 }).toBe(200);
    return (await atLorem()).filter((line) => line === 'POST /session 201').length;
  };
  await expect.poll(renewals, renewal).toBeGreaterThanOrEqual(1);
  await expect(ends).not.toHaveText(firstEnd);
  await expect.poll(renewals, { ...renewal, message: 'and again' }).toBeGreaterThanOrEqual(2);
  await app.showsSignedIn(ada);
});

async function appSession(context: BrowserContext, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(origin);
  const cookies = await context.cookies();
  return cookies.find(({ name, domain }) => name === COOKIES.app && domain === hostname)?.value;
}
