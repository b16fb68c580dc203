/**
 * Windows side by side: all are in sight, and one has the focus. Headless windows all have it, unless the browser is
 * told otherwise; the events that come of it are its own.
 */
import { expect, type Page } from '@playwright/test';

/** Gives the focus to another window, and leaves this page's in sight. */
export async function takeFocus(page: Page): Promise<void> {
  await page.context().newPage();
  await setFocus(page, false);
  expect(await page.evaluate(() => [document.hasFocus(), document.visibilityState])).toEqual([
    false,
    'visible',
  ]);
}

/** Gives it back, once the page's last request is more than a second old: before that the focus is no news. */
export async function giveFocus(page: Page): Promise<void> {
  const sinceLastRequest = () =>
    page.evaluate(() => {
      const starts = performance.getEntriesByType('resource').map(({ startTime }) => startTime);
      return performance.now() - Math.max(...starts);
    });
  await expect.poll(sinceLastRequest).toBeGreaterThan(1000);
  await setFocus(page, true);
}

async function setFocus(page: Page, enabled: boolean): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled });
}
