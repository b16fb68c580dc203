/**
 * Browsers keep 180 cookies for a site. A sibling, such as a taken-over subdomain, sets more in the browser
 * of a signed-in person.
 */
import type { Page } from '@playwright/test';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada } from '../administration.ts';
import { expect, test } from '../test.ts';

/** Sets 400 cookies. @returns how many of them the browser keeps */
function setCookies(page: Page, attributes: string): Promise<number> {
  return page.evaluate((each) => {
    for (let index = 0; index < 400; index += 1) {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API can't set `Priority`.
      document.cookie = `sibling-${index}=1; Path=/; Max-Age=600; Secure; ${each}`;
    }
    return document.cookie.split('; ').length;
  }, attributes);
}

test('400 cookies of a sibling sign nobody out [T-SESSION-07]', { tag: '@scheme' }, async ({
  app,
  context,
  openTab,
  scheme,
  site,
  foreignOrigin,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const sibling = await (await openTab()).open((await foreignOrigin(scheme, 'sameSite')).origin);
  const before = await site.state();

  const kept = await setCookies(sibling.page, 'Priority=Medium');

  // Chromium deletes down to 150 cookies of a site once there are more than 180.
  expect(kept).toBeGreaterThanOrEqual(148);
  expect(kept).toBeLessThanOrEqual(178);

  const names = (await context.cookies([site.sso.origin, site.foo.origin])).map(({ name }) => name);
  expect(names.sort()).toEqual([COOKIES.app, COOKIES.sso]);
  expect(await site.changesSince(before)).toEqual([]);
  await app.page.reload();
  await app.showsSignedIn(ada);
  await (await (await openTab()).open(site.lorem.origin)).showsSignedIn(ada);
});

test('a sibling that sets high-priority cookies signs the person out and gains nothing else [T-SESSION-07]', {
  tag: '@scheme',
}, async ({ app, context, openTab, scheme, site, foreignOrigin }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const sibling = await (await openTab()).open((await foreignOrigin(scheme, 'sameSite')).origin);
  const before = await site.state();

  await setCookies(sibling.page, 'Priority=High');

  expect(await context.cookies([site.sso.origin, site.foo.origin])).toEqual([]);
  expect(await site.changesSince(before)).toEqual([]);
  await app.page.reload();
  await app.showsForm();
  await app.signIn(ada);
});
