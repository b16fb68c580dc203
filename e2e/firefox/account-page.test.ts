/** The account page in Firefox: no other page can send its requests, and its tabs stay in sync. */
import { describe, expect } from 'vitest';
import { addSomebody } from '../administration.ts';
import { accountPageRequests, sendFromPage } from '../cross-origin-requests.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story(
    'no other page of the site can send the account page’s requests',
    async ({ app: account, elsewhere, openTab, site, foreignOrigin }) => {
      const somebody = await addSomebody(site);
      // A second session, which a forged request to end all other sessions would end.
      await (await elsewhere.open(site.sso.origin)).signIn(somebody);
      // Firefox rarely lays out a tab in the background, so the story would wait for it.
      await account.page.bringToFront();
      await (await account.open(site.sso.origin)).signIn(somebody);
      const before = await site.state();
      const tab = await openTab();
      for (const origin of [(await foreignOrigin(scheme, 'sameSite')).origin, site.foo.origin]) {
        await tab.open(origin);
        const readable = await sendFromPage(tab.page, accountPageRequests(site.sso.origin));
        expect(Object.entries(readable).filter(([, each]) => each !== 'nothing')).toEqual([]);
      }
      expect((await site.state())['sso.sso_session']).toEqual(before['sso.sso_session']);
      await account.page.bringToFront();
      await (await account.open(site.sso.origin)).showsSignedIn(somebody);
      await elsewhere.page.bringToFront();
      await (await elsewhere.open(site.sso.origin)).showsSignedIn(somebody);
    },
  );

  story(
    'a sign-out in one tab shows in another at once and removes the cookie',
    async ({ app: account, context, openTab, site }) => {
      const somebody = await addSomebody(site);
      await (await account.open(site.sso.origin)).signIn(somebody);
      const other = await openTab();
      await (await other.open(site.sso.origin)).showsSignedIn(somebody);
      await other.signOut();
      expect(await context.cookies()).toEqual([]);
      await account.showsForm();
      await account.isHidden();
    },
  );
});
