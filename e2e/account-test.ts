/** The fixtures of the account page's stories: each has a person of its own, with two browsers. */
import { AccountPage } from './account-page.ts';
import { addSomebody, type Person } from './administration.ts';
import { test as base, expect } from './test.ts';
import { watchForViolations } from './violations.ts';

interface Fixtures {
  account: AccountPage;
  /** Only this story uses this person, so all of their sessions are this story's. */
  somebody: Person;
  /** The account page in another browser. */
  elsewhere: AccountPage;
}

export { expect };

export const test = base.extend<Fixtures>({
  account: async ({ page }, use) => use(new AccountPage(page)),

  somebody: async ({ site }, use) => use(await addSomebody(site)),

  elsewhere: async ({ browser }, use) => {
    const context = await browser.newContext();
    const violations = await watchForViolations(context);
    await use(new AccountPage(await context.newPage()));
    await context.close();
    expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
  },
});

/** The documented limit is 5 s: twice that, for a busy machine. */
export const WITHIN_10_S = { timeout: 10_000 };
