/** The lab in Firefox: every experiment ends as predicted, and the inspector shows a sign-in. */
import type { Page } from 'puppeteer-core';
import { describe, expect } from 'vitest';
import { judge } from '../../apps/lab/cors/judge.ts';
import { ada } from '../administration.ts';
import {
  disagreements,
  experimentsOf,
  labTargets,
  runSteps,
  type SentRequest,
  sendFromPage,
  storeTargetCookies,
  variants,
} from '../lab-runs.ts';
import { firefoxReason } from '../lab-verdicts.ts';
import { schemes, storiesOver, storiesWith } from './test.ts';

const stories = storiesWith({ hasLab: true });

/** Mode `same-origin` sends what one of the other two sends. Chromium runs it, too. */
const firefoxVariants = variants.filter(({ credentials }) => credentials !== 'same-origin');

describe('every experiment of the CORS lab', () => {
  storiesOver('http', stories).for(firefoxVariants)(
    'ends in Firefox as predicted, for the predicted reason: $target target, credentials $credentials',
    async (variant, { app: { page }, lab }) => {
      const reasons = watchReasons(page);
      const fromPage = (sent: SentRequest) => page.evaluate(sendFromPage, sent);
      const visit = async (url: string) => (await page.goto(url))?.text() ?? '';
      await storeTargetCookies(lab, visit);
      await page.goto(`${lab.origin}/cors`);
      for (const { id, steps } of experimentsOf(lab, variant)) {
        const verdicts = judge(steps, labTargets(lab));
        reasons.length = 0;
        const outcomes = await runSteps(lab, steps, fromPage);
        expect(disagreements(verdicts, outcomes), id).toEqual([]);
        for (const reason of verdicts.map(firefoxReason)) {
          if (reason !== null)
            await expect.poll(() => reasons.join('\n'), { message: id, interval: 5 }).toContain(reason);
        }
      }
    },
  );
});

describe.each(schemes)('over %s', (scheme) => {
  storiesOver(scheme, stories)(
    'the inspector shows a sign-in at foo while it happens',
    async ({ app, lab, openTab, site }) => {
      const inspector = await (await openTab()).open(lab.origin);
      await expect.poll(() => inspector.text()).toContain('Connected');
      await app.page.bringToFront();
      await (await app.open(site.foo.origin)).signIn(ada);
      await inspector.page.bringToFront();
      const statusOf = (purpose: string) =>
        inspector.page.$$eval(`li[data-purpose="${purpose}"]`, (arrows) =>
          arrows.map((arrow) => arrow.getAttribute('data-status')),
        );
      await expect.poll(() => statusOf('preflight')).toEqual(['204']);
      await expect.poll(() => statusOf('introspection')).toEqual(['200']);
    },
  );
});

/** Returns a list to which the reasons for blocked requests are added as Firefox reports them. */
function watchReasons(page: Page): string[] {
  const reasons: string[] = [];
  page.on('pageerror', (error) => {
    const [, reason] = /\(Reason: (.+)\)\./.exec(String(error)) ?? [];
    if (reason) reasons.push(reason);
  });
  return reasons;
}
