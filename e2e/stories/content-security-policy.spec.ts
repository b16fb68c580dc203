/**
 * The page's Content-Security-Policy is strict, and the page doesn't violate it. Every other story checks
 * that, too.
 */
import { ada } from '../administration.ts';
import { frame, violatePolicy } from '../forbidden.ts';
import { expect, test } from '../test.ts';

test('an app’s page works under its Content-Security-Policy, which forbids everything else', {
  tag: '@scheme',
}, async ({ app, scheme, site, foreignOrigin, violations }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.signOut();
  expect(violations).toEqual([]);

  const elsewhere = (await foreignOrigin(scheme, 'sameSite')).origin;
  expect(await violatePolicy(app.page, elsewhere)).toBe(false);
  await expect
    .poll(() => violations.toSorted())
    .toEqual([`connect-src ${elsewhere}/`, 'script-src-elem inline', 'style-src-elem inline']);
  violations.length = 0;
});

test('no page of another origin can frame an app [T-FRAME-01]', { tag: '@scheme' }, async ({
  app,
  scheme,
  site,
  foreignOrigin,
}) => {
  await app.open((await foreignOrigin(scheme, 'sameSite')).origin);
  const refused = app.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await frame(app.page, site.foo.origin);
  await refused;
});
