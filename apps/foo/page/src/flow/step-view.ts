/** What the diagram shows: the state of a step in a word with its reason, and a walk in a sentence. Pure. */
import type { Step, StepReport } from '@samesite-sso/browser';
import { type Standing, WALK_ORDER, type Walk } from '@samesite-sso/react';

export type StepState = StepReport['state'] | 'not yet' | 'your turn';

export const STATE_WORDS: Record<StepState, string> = {
  'not yet': 'Not yet',
  'your turn': 'Waits for you',
  pending: 'Asking',
  done: 'Done',
  skipped: 'Skipped',
  refused: 'Refused',
  unanswered: 'No answer',
};

/** The step that the person has to take, or to let happen. */
const WAITS_FOR: Partial<Record<Standing['status'], Step>> = {
  'password wanted': 5,
  'confirmation wanted': 3,
};

export function stateOf(step: Step, walk: Walk, standing: Standing['status']): StepState {
  const report = walk[step];
  if (report) return report.state;
  return step === WAITS_FOR[standing] ? 'your turn' : 'not yet';
}

/** Why a step is in its state, where the state's own word does not say it all. */
export function reasonOf(report: StepReport | undefined): string | null {
  const tells = report?.state === 'done' || report?.state === 'skipped' || report?.state === 'refused';
  return tells ? report.why : null;
}

/** The steps that were really taken, in the order of the walk. */
export function stepsTaken(walk: Walk): StepReport[] {
  return WALK_ORDER.flatMap((step) => walk[step] ?? []).filter(({ state }) => state !== 'skipped');
}

/** @returns null while the walk is under way, or before there is one */
export function summaryOf(walk: Walk, standing: Standing['status']): string | null {
  const taken = stepsTaken(walk);
  if (taken.length === 0 || taken.some(({ state }) => state === 'pending')) return null;
  const failed = taken.find(({ state }) => state === 'refused' || state === 'unanswered');
  if (failed) return `Step ${failed.step} ${failed.state === 'refused' ? 'was refused' : 'got no answer'}.`;
  const endedSignedIn = walk[4]?.state === 'done' || walk[4]?.state === 'skipped';
  if (standing === 'password wanted' && endedSignedIn) return 'These steps were taken before you signed out.';
  if (standing === 'password wanted') return 'Nobody is signed in on this site: step 5 waits for you.';
  if (standing === 'confirmation wanted') return 'You are signed in on this site: step 3 waits for you.';
  if (standing === 'unknown') return null;
  if (walk[4]?.state !== 'done') {
    return walk[2]?.state === 'done'
      ? 'Steps 1 and 2 found you signed in, here and at the SSO service.'
      : 'Step 1 was enough: this app knew you already.';
  }
  const numbers = taken.map(({ step }) => step);
  const way = `steps ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
  return walk[5]?.state === 'done'
    ? `Signed in with your password by ${way}.`
    : `Signed in without a password by ${way}.`;
}
