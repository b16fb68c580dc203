/** The CORS lab in Chromium: its predictions agree with the browser and with the server's record. */
import type { Page } from '@playwright/test';
import { judge } from '../../apps/lab/cors/judge.ts';
import type { Verdict } from '../../apps/lab/cors/verdict.ts';
import type { ExperimentGroup } from '../../apps/lab/experiments/experiment.ts';
import { experiments, groupTitles } from '../../apps/lab/experiments/experiments.ts';
import { LabPage } from '../lab-page.ts';
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
import { chromiumError } from '../lab-verdicts.ts';
import { expect, test } from '../test.ts';

for (const variant of variants) {
  const { target, credentials } = variant;
  test(`each experiment ends in Chromium as predicted: ${target} target, credentials ${credentials}`, async ({
    page,
    lab,
  }) => {
    const errors = await watchCorsErrors(page);
    const fromPage = (sent: SentRequest) => page.evaluate(sendFromPage, sent);
    const visit = async (url: string) => (await page.goto(url))?.text() ?? '';
    await storeTargetCookies(lab, visit);
    await page.goto(`${lab.origin}/cors`);
    for (const { id, steps } of experimentsOf(lab, variant)) {
      const verdicts = judge(steps, labTargets(lab));
      errors.length = 0;
      const outcomes = await runSteps(lab, steps, fromPage);
      expect(disagreements(verdicts, outcomes), id).toEqual([]);
      await expect.poll(() => errors, id).toEqual(expectedErrors(verdicts));
    }
  });
}

for (const group of Object.keys(groupTitles) as ExperimentGroup[]) {
  test(`the page runs the first experiment of “${groupTitles[group]}” as predicted`, async ({
    page,
    lab,
  }) => {
    const first = experiments(lab.origin).find((experiment) => experiment.group === group);
    const { id, steps } = first ?? { id: '', steps: [] };
    const labPage = await new LabPage(page).open(lab.origin, `/cors?experiment=${id}`);
    await labPage.showsRules(...judge(steps, labTargets(lab)).map(({ rule }) => rule));
    await labPage.run();
    expect(await labPage.disagreements()).toEqual([]);
  });
}

function expectedErrors(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(chromiumError).filter((error) => error !== null);
}

/** Returns a list to which the CORS errors of the page's requests are added as Chromium reports them. */
async function watchCorsErrors(page: Page): Promise<string[]> {
  const errors: string[] = [];
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFailed', ({ corsErrorStatus }) => {
    if (corsErrorStatus) errors.push(corsErrorStatus.corsError);
  });
  return errors;
}
