/** The browser blocks cookies, as a person can tell it to: pages say so in plain words, and send no password in vain. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { AccountPage } from '../account-page.ts';
import { ada } from '../accounts.ts';
import { AppPage } from '../app-page.ts';
import { findsNothing } from '../axe.ts';
import { test as base, expect } from '../test.ts';
import { type Violation, watchForViolations } from '../violations.ts';

interface Fixtures {
  /** Opens a browser with these of Chromium's settings for the content of sites. */
  openBrowser: (contentSettings: object) => Promise<BrowserContext>;
}

const test = base.extend<Fixtures>({
  openBrowser: async ({ channel, launchOptions, site }, use) => {
    const opened: { context: BrowserContext; violations: Violation[] }[] = [];
    await use(async (contentSettings) => {
      const profile = mkdtempSync(join(site.folder, 'profile-'));
      mkdirSync(join(profile, 'Default'));
      writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: contentSettings }));
      const options = { ...launchOptions, ...(channel && { channel }), reducedMotion: 'reduce' as const };
      const context = await chromium.launchPersistentContext(profile, options);
      opened.push({ context, violations: await watchForViolations(context) });
      return context;
    });
    for (const { context, violations } of opened) {
      await context.close();
      expect(violations, 'breaches of the Content-Security-Policy, and errors that nobody caught').toEqual(
        [],
      );
    }
  },
});

const BLOCK = 2;
const everywhere = { default_content_setting_values: { cookies: BLOCK } };
const at = (origin: string) => ({
  content_settings: { exceptions: { cookies: { [`${origin},*`]: { setting: BLOCK } } } },
});

const words = 'This browser blocks cookies for this site.';

// Chromium itself says `cookieEnabled` all the same, so that the page learns it from what becomes of the right password.
for (const where of ['everywhere', 'at the SSO service alone'] as const) {
  test(`foo says that the browser blocks cookies where they are blocked ${where}`, async ({
    openBrowser,
    site,
  }) => {
    const context = await openBrowser(where === 'everywhere' ? everywhere : at(site.sso.origin));
    const foo = await new AppPage(await context.newPage()).open(site.foo.origin);
    await foo.send(ada);
    await expect(foo.alert).toContainText(words);
    await expect(foo.alert).toContainText('reload the page');
    await expect(foo.signOutButton).toHaveCount(0);
    await findsNothing(foo.page);
    await foo.page.reload();
    await foo.showsForm();
  });
}

test('the account page says that the browser blocks cookies', async ({ openBrowser, site }) => {
  const context = await openBrowser(everywhere);
  const account = await new AccountPage(await context.newPage()).open(site.sso.origin);
  await account.fill(ada);
  await account.signInButton.click();
  await expect(account.alert).toContainText(words);
  await expect(account.signOutButton).toHaveCount(0);
  await findsNothing(account.page);
});

test('where the browser says beforehand that it blocks cookies, no page shows a form', async ({
  app,
  context,
  openTab,
  site,
}) => {
  // Firefox says so, as the stories there show; here axe looks at what comes of it.
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });
  });
  const account = new AccountPage((await openTab()).page);
  await account.open(site.sso.origin);
  await app.open(site.foo.origin);
  for (const { alert, form, page } of [app, account]) {
    await expect(alert).toContainText(words);
    await expect(form).toHaveCount(0);
    await expect(page.getByText(/^Asking|^Under way/)).toHaveCount(0);
    await expect(page.getByRole('listitem').filter({ hasText: site.sso.origin })).toBeVisible();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await findsNothing(page);
  }
});
