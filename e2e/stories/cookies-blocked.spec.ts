/** With cookies blocked in the browser's settings, pages say so and send no password. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { AccountPage } from '../account-page.ts';
import { ada } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { SignInPage } from '../sign-in-page.ts';
import type { StorySite } from '../story-site.ts';
import { test as base, expect } from '../test.ts';
import { watchForViolations } from '../violations.ts';

interface Fixtures {
  /** Opens a browser with these content settings. */
  openBrowser: (contentSettings: object) => Promise<BrowserContext>;
}

const test = base.extend<Fixtures>({
  openBrowser: async ({ fullLaunchOptions, site }, use) => {
    const opened: { context: BrowserContext; violations: string[] }[] = [];
    await use(async (contentSettings) => {
      const profile = mkdtempSync(join(site.folder, 'profile-'));
      mkdirSync(join(profile, 'Default'));
      writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: contentSettings }));
      const options = { ...fullLaunchOptions, reducedMotion: 'reduce' as const };
      const context = await chromium.launchPersistentContext(profile, options);
      opened.push({ context, violations: await watchForViolations(context) });
      return context;
    });
    for (const { context, violations } of opened) {
      await context.close();
      expect(violations, 'violations of the Content-Security-Policy').toEqual([]);
    }
  },
});

const BLOCK = 2;
const everywhere = { default_content_setting_values: { cookies: BLOCK } };
const at = (origin: string) => ({
  content_settings: { exceptions: { cookies: { [`${origin},*`]: { setting: BLOCK } } } },
});

const words = 'This browser blocks cookies for this site.';

for (const [what, opening] of [
  ['foo', (site: StorySite) => site.foo.origin],
  ['the account page', (site: StorySite) => site.sso.origin],
] as const) {
  test(`${what} says at once that the browser blocks all cookies, and shows no form [T-PAGE-02]`, async ({
    openBrowser,
    site,
  }) => {
    const context = await openBrowser(everywhere);
    const { alert, form, page } = await new SignInPage(await context.newPage()).open(opening(site));
    await expect(alert).toContainText(words);
    await expect(form).toHaveCount(0);
    await expect(page.getByText(/^Checking|^In progress/)).toHaveCount(0);
    await expect(page.getByRole('list', { name: 'Sites that need cookies' })).toContainText(site.sso.origin);
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect(alert).toContainText(words);
  });
}

test('if only the SSO service’s cookie is blocked, foo says so after a right password', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser(at(site.sso.origin));
  const foo = await new AppPage(await context.newPage()).open(site.foo.origin);
  await foo.send(ada);
  await expect(foo.alert).toContainText(words);
  await expect(foo.alert).toContainText('reload the page');
  await expect(foo.signOutButton).toHaveCount(0);
  await expectNoAxeViolations(foo.page);
});

test('if only foo’s cookie is blocked, foo says so and the account page works', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser(at(site.foo.origin));
  const account = await new AccountPage(await context.newPage()).open(site.sso.origin);
  await account.signIn(ada);
  const foo = await new AppPage(await context.newPage()).open(site.foo.origin);
  await expect(foo.alert).toContainText(words);
  await expect(foo.signOutButton).toHaveCount(0);
});
