/** What axe says of a page as it stands: in both colour schemes, wide and at 320 px, where nothing may stick out. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function findsNothing(page: Page): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scrollWidth, `nothing sticks out at ${width} px`).toBeLessThanOrEqual(width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const axe = new AxeBuilder({ page }).withTags(rules).setLegacyMode(); // else it opens a tab for each run
      const { violations } = await axe.analyze();
      expect(violations, `${colorScheme} at ${width} px`).toEqual([]);
    }
  }
}
