/** The browser blocks cookies, as a person can tell it to: pages say so in plain words, and send no password in vain. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { AccountPage } from '../account-page.ts';
import { ada } from '../accounts.ts';
import { AppPage, sentBy } from '../app-page.ts';
import { findsNothing } from '../axe.ts';
import { test as base, expect } from '../test.ts';
import { watchForViolations } from '../violations.ts';

interface Fixtures {
  /** Opens a browser with these of Chromium's settings for the content of sites. */
  openBrowser: (settings: object) => Promise<BrowserContext>;
}

const test = base.extend<Fixtures>({
  openBrowser: async ({ channel, launchOptions, site }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (settings) => {
      const profile = mkdtempSync(join(site.folder, 'profile-'));
      mkdirSync(join(profile, 'Default'));
      writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: settings }));
      const options = { ...launchOptions, ...(channel && { channel }), reducedMotion: 'reduce' as const };
      const context = await chromium.launchPersistentContext(profile, options);
      contexts.push(context);
      return context;
    });
    for (const context of contexts) await context.close();
  },
});

const BLOCKED = 2;
const everywhere = { default_content_setting_values: { cookies: BLOCKED } };
const words = 'This browser blocks cookies for this site.';

test('the account page says that the browser blocks cookies, and shows no form', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser(everywhere);
  const violations = await watchForViolations(context);
  const account = await new AccountPage(await context.newPage()).open(site.sso.origin);
  await expect(account.alert).toContainText(words);
  await expect(account.page.getByRole('button', { name: 'Reload' })).toBeVisible();
  await expect(account.form).toHaveCount(0);
  await findsNothing(account.page);
  expect(violations).toEqual([]);
});
