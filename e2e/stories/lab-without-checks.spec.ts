/**
 * The recorded run that the lab shows: what pages can read in a browser with and without the CORS checks. If
 * this story fails after a change of browser, update apps/lab/experiments/without-checks.json.
 */
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { judge } from '../../apps/lab/cors/judge.ts';
import { experiments } from '../../apps/lab/experiments/experiments.ts';
import recorded from '../../apps/lab/experiments/without-checks.json' with { type: 'json' };
import { labTargets, runSteps, sendFromPage } from '../lab-runs.ts';
import { expect, test } from '../test.ts';

test('with --disable-web-security, pages read what the lab’s recorded run says', async ({
  fullLaunchOptions,
  lab,
  site,
}) => {
  // Chromium ignores the option in its default profile.
  const browser = await chromium.launchPersistentContext(join(site.folder, 'without-checks'), {
    ...fullLaunchOptions,
    args: [...(fullLaunchOptions.args ?? []), '--disable-web-security'],
  });
  const page = await browser.newPage();
  await page.goto(`${lab.origin}/cors`);
  const results: Record<string, { with: string; without: string }> = {};
  for (const { id, steps } of experiments(lab.origin)) {
    const predicted = judge(steps, labTargets(lab)).at(-1);
    const observed = (await runSteps(lab, steps, (sent) => page.evaluate(sendFromPage, sent))).at(-1);
    results[id] = { with: predicted?.readable ?? '', without: observed?.observed.readable ?? '' };
  }
  await browser.close();
  expect(results).toEqual(recorded.results);
});
