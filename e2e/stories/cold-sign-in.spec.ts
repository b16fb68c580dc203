/** Story 1: nobody is signed in, so the page asks for a password: steps 1, 2, 5, 3, 4. */
import { ada } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

test('a person without sessions signs in by steps 1, 2, 5, 3, and 4 with exactly one preflight', {
  tag: '@scheme',
}, async ({ app, site }) => {
  const atSso = await watchRequests(site, 'sso');
  const atFoo = await watchRequests(site, 'foo');
  const sent: string[] = [];
  app.page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === site.foo.origin && pathname !== '/session') return;
    const { request: asked, token } = sentBy(request);
    sent.push(`${request.method()} ${pathname}${asked ? ` ${asked}` : ''}${token ? ' token' : ''}`);
  });

  await app.open(site.foo.origin);
  await app.showsForm();
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'your turn', 3: 'not yet', 4: 'not yet' });
  await app.username.fill(ada.username);
  // At a person's pace: browsers cache a preflight for 5 s even without Access-Control-Max-Age.
  await app.password.pressSequentially(ada.password, { delay: 6000 / ada.password.length });
  await app.signInButton.click();
  await app.showsSignedIn(ada);
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });

  expect(sent).toEqual([
    'GET /session',
    'POST / login status',
    'POST / passkey challenge',
    'POST / login',
    'POST / authentication token',
    'POST /session token',
  ]);
  await expect.poll(atSso).toEqual(['OPTIONS / 204', ...Array(4).fill('POST / 200'), 'POST /introspect 200']);
  await expect
    .poll(async () => (await atFoo()).filter((line) => line.includes(' /session ')))
    .toEqual(['GET /session 200', 'POST /session 201']);
});

test('the page never navigates or opens a window while a person signs in and out', {
  tag: '@scheme',
}, async ({ app, context, site }) => {
  const addresses: string[] = [];
  app.page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await app.open(site.foo.origin);
  await app.signIn(ada);
  await app.signOut();
  expect(addresses).toEqual([`${site.foo.origin}/`]);
  expect(context.pages()).toEqual([app.page]);
});
