/** Axe finds no violation in both color schemes, at 1280 and at 320 px, where nothing overflows. */
import { expect, type Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The scheme changes nothing but colors, so all rules run in one of them. */
const runs: Record<'light' | 'dark', RunOptions> = {
  light: { runOnly: tags },
  dark: { runOnly: { type: 'rule', values: ['color-contrast'] } },
};

export async function expectNoAxeViolations(page: Page): Promise<void> {
  // @axe-core/playwright would load axe again for each run, which takes longer than the run itself.
  await page.evaluate(axe.source);
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scrollWidth, `nothing sticks out at ${width} px`).toBeLessThanOrEqual(width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const violations = await page.evaluate(findViolations, runs[colorScheme]);
      expect(violations, `${colorScheme} at ${width} px`).toEqual([]);
    }
  }
}

/** Runs in the page. */
async function findViolations(options: RunOptions) {
  const loaded = (globalThis as unknown as { axe: typeof axe }).axe;
  return (await loaded.run({ ...options, resultTypes: ['violations'] })).violations;
}
