/** The browser that a person would use. It starts slowly, so the stories of a worker share it. */
import { type Browser, type BrowserContext, chromium, expect, type LaunchOptions } from '@playwright/test';
import { freePort } from '../scripts/site/ports.ts';

export interface FullBrowser {
  browser: Browser;
  /**
   * Where to connect over CDP for the default context, which hides background tabs. Playwright keeps the tabs
   * of other contexts visible.
   */
  endpoint: string;
}

export async function startFullBrowser(options: LaunchOptions): Promise<FullBrowser> {
  const port = await freePort();
  const args = [...(options.args ?? []), `--remote-debugging-port=${port}`];
  return { browser: await chromium.launch({ ...options, args }), endpoint: `http://127.0.0.1:${port}` };
}

/** Closes the tabs of a context, and empties its cache and what the pages of these origins stored. */
export async function closeTabsAndClearData(
  context: BrowserContext,
  origins: readonly string[],
): Promise<void> {
  const tabs = context.pages();
  const last = await context.newPage();
  await Promise.all(tabs.map((tab) => tab.close()));
  const session = await context.newCDPSession(last);
  await session.send('Network.clearBrowserCache');
  for (const origin of origins) {
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  }
  await last.close();
  expect(await context.cookies()).toEqual([]);
}
