/** What the stories of the account page stand on besides: somebody of their own, who has two browsers. */
import { AccountPage } from './account-page.ts';
import { addSomebody, type Person } from './administration.ts';
import { test as base, expect } from './test.ts';
import { watchForViolations } from './violations.ts';

interface Fixtures {
  account: AccountPage;
  /** Somebody whom no other story knows: their sessions are those of this story. */
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
    expect(violations, 'breaches of the Content-Security-Policy').toEqual([]);
  },
});

/** The contract gives an app 5 s to hear of what was done here. */
export const SOON = { timeout: 10_000 };
