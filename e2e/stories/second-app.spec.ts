/**
 * Story 2: lorem after foo. A person who is signed in at one app is signed in at the next by steps 1 to 4.
 */
import { ada } from '../administration.ts';
import { watchForForm } from '../flash-watch.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

test('a person who is signed in at foo is signed in at lorem by steps 1 to 4 without a password', {
  tag: '@scheme',
}, async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const atSso = await watchRequests(site, 'sso');
  const lorem = await openTab();
  const formWasSeen = await watchForForm(lorem.page);
  await lorem.open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'done', 4: 'done' });
  expect(await formWasSeen()).toBe(false);
  await expect.poll(atSso).toEqual(['OPTIONS / 204', 'POST / 200', 'POST / 200', 'POST /introspect 200']);
});

test('steps 1 and 2 are sent at the same time, and the diagram says so', async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const lorem = await openTab();
  await lorem.open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'done', 4: 'done' });
  await expect(lorem.page.getByRole('listitem').filter({ hasText: 'Step 2' })).toContainText(
    'At the same time as step 1',
  );
  await expect(lorem.page.getByRole('status').filter({ hasText: 'Signed in' })).toHaveText(
    'Signed in without a password: steps 1 and 2 at the same time, then 3 and 4.',
  );
});

test('the response to a step 2 sent at the same time is ignored if step 1 finds an app session', async ({
  app,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.page.evaluate(() => localStorage.clear());
  await app.page.reload();
  await app.showsSignedIn(ada);
  await app.showsSteps({ 1: 'done', 2: 'skipped', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
  await expect(app.page.getByRole('listitem').filter({ hasText: 'Step 2' })).toContainText('Sent in advance');
});

test('after a reload, step 1 is enough, without any request to the SSO service', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const atSso = await watchRequests(site, 'sso');
  const asked: string[] = [];
  app.page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
  await app.page.reload();
  await app.showsSignedIn(ada);
  await app.showsSteps({ 1: 'done', 2: 'skipped', 5: 'skipped', 3: 'skipped', 4: 'skipped' });
  await app.showsProtectedResponse(ada);
  expect(asked).toContain(`GET ${site.foo.origin}/session`);
  expect(asked.filter((line) => line.includes(site.sso.origin))).toEqual([]);
  await expect.poll(atSso).toEqual([]);
});
