/** Firefox blocks all cookies: pages say so, throw no error, and send no password. */
import { describe, expect } from 'vitest';
import { watchRequests } from '../request-log.ts';
import { schemes, storiesOver, storiesWith } from './test.ts';

const ALL_COOKIES = 2;
const stories = storiesWith(undefined, { 'network.cookie.cookieBehavior': ALL_COOKIES });

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme, stories);

  story(
    'foo and the account page say that the browser blocks cookies, and show no form',
    async ({ app, openTab, site }) => {
      const atSso = await watchRequests(site, 'sso');
      await app.open(site.foo.origin);
      const account = await (await openTab()).open(site.sso.origin);
      for (const page of [app, account]) {
        await expect.poll(() => page.text()).toContain('This browser blocks cookies for this site.');
        expect(await page.text()).not.toMatch(/Checking|In progress/);
        expect(await page.page.$('form')).toBeNull();
      }
      expect((await atSso()).filter((line) => line.startsWith('POST'))).toEqual([]);
    },
  );
});
