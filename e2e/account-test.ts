/** The fixtures of the account page's stories: a person of their own, who has two browsers. */
import { AccountPage } from './account-page.ts';
import { addSomebody, type Person } from './administration.ts';
import { test as base, expect } from './test.ts';
import { watchForViolations } from './violations.ts';

interface Fixtures {
  account: AccountPage;
  /** A person of this story only, so that all their sessions are this story's. */
  somebody: Person;
  /** The account page in another browser. */
  elsewhere: AccountPage;
}

export { expect };

export const test = base.extend<Fixtures>({
  account: async ({ page }, use) => use(new AccountPage(page)),

  somebody: async ({ site }, use) => use(addSomebody(site.folder)),

  elsewhere: async ({ browser }, use) => {
    const context = await browser.newContext();
    const violations = await watchForViolations(context);
    await use(new AccountPage(await context.newPage()));
    await context.close();
    expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
  },
});

/** By the contract, apps learn of ended sessions within 5 s. */
export const WITHIN_10_S = { timeout: 10_000 };
