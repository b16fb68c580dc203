/**
 * Windows side by side: all are visible, and one has the focus. In headless Chromium all windows have it,
 * unless focus emulation is off. The events are the browser's own.
 */
import { expect, type Page } from '@playwright/test';

/** Moves the focus to another window. This page stays visible. */
export async function takeFocus(page: Page): Promise<void> {
  await page.context().newPage();
  await setFocus(page, false);
  expect(await page.evaluate(() => [document.hasFocus(), document.visibilityState])).toEqual([
    false,
    'visible',
  ]);
}

/** Returns the focus once the page's last request is over a second old: until then, the page ignores it. */
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
