/** What is known of each step of the last walk. Pure; the steps themselves are taken in `@samesite-sso/browser`. */
import type { Step, StepReport } from '@samesite-sso/browser';

/** A step that is missing has not been reached. */
export type Walk = Partial<Record<Step, StepReport>>;

/** The order in which the steps are taken: step 5, where it is wanted, comes before 3. */
export const WALK_ORDER: readonly Step[] = [1, 2, 5, 3, 4];

/** A step that starts anew makes a new walk: what lies behind it belongs to an older one and goes. */
export function withReport(walk: Walk, report: StepReport | 'forget'): Walk {
  if (report === 'forget') return {};
  const next = { ...walk, [report.step]: report };
  if (report.state === 'pending') {
    for (const later of WALK_ORDER.slice(WALK_ORDER.indexOf(report.step) + 1)) delete next[later];
  }
  return next;
}
