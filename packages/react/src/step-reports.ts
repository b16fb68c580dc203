/** The latest report of each step of the last flow. Pure. */
import type { Step, StepReport } from '@samesite-sso/browser';

/** A step that is absent hasn't been reached. */
export type StepReports = Partial<Record<Step, StepReport>>;

/** The order in time: step 5, where it is needed, comes before 3. */
export const STEP_ORDER: readonly Step[] = [1, 2, 5, 3, 4];

/** A pending step starts a new flow from there: the reports of the steps after it belong to an older one. */
export function withReport(reports: StepReports, report: StepReport | 'reset'): StepReports {
  if (report === 'reset') return {};
  const next = { ...reports, [report.step]: report };
  if (report.state === 'pending') {
    for (const later of STEP_ORDER.slice(STEP_ORDER.indexOf(report.step) + 1)) delete next[later];
  }
  return next;
}
