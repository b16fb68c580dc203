/** Axe finds no violation in both color schemes, at 1280 and at 320 px, where nothing overflows. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function expectNoAxeViolations(page: Page): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scrollWidth, `nothing sticks out at ${width} px`).toBeLessThanOrEqual(width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Without legacy mode, axe opens a tab for each run.
      const axe = new AxeBuilder({ page }).setLegacyMode();
      // The scheme changes nothing but colors.
      if (colorScheme === 'light') axe.withTags(rules);
      else axe.withRules('color-contrast');
      const { violations } = await axe.analyze();
      expect(violations, `${colorScheme} at ${width} px`).toEqual([]);
    }
  }
}
