/** What the diagram shows of each step and of a whole flow. Pure. */
import type { Step, StepReport } from '@samesite-sso/browser';
import { type SsoState, STEP_ORDER, type StepReports } from '@samesite-sso/react';

export type StepState = StepReport['state'] | 'not yet' | 'your turn';

const STATE_NAMES: Record<StepState, string> = {
  'not yet': 'Not yet',
  'your turn': 'Waiting for you',
  pending: 'Sending',
  done: 'Done',
  skipped: 'Skipped',
  refused: 'Refused',
  unanswered: 'No response',
};

/** The step that happens once the person signs in or confirms. */
const AWAITED_STEPS: Partial<Record<SsoState['status'], Step>> = {
  'signed-out': 5,
  'confirmation-required': 3,
};

export function stateOf(step: Step, steps: StepReports, status: SsoState['status']): StepState {
  return steps[step]?.state ?? (step === AWAITED_STEPS[status] ? 'your turn' : 'not yet');
}

export function stateNameOf(state: StepState, report: StepReport | undefined): string {
  return state === 'skipped' && report?.request ? 'Sent in advance' : STATE_NAMES[state];
}

/** The label of a step whose state needs one. */
export function labelOf(report: StepReport | undefined): string | null {
  const isNeeded = report?.state === 'done' || report?.state === 'skipped' || report?.state === 'refused';
  return isNeeded ? report.label : null;
}

/** Whether it is a step 5 with a passkey. */
export function usesPasskey(report: StepReport | undefined): boolean {
  return Boolean(report?.request?.body?.startsWith('{"request":"passkey login"'));
}

/** Whether step 2 was sent before step 1 had ended. */
export function areConcurrent({ 1: first, 2: second }: StepReports): boolean {
  if (first?.startedAtMs === undefined || second?.startedAtMs === undefined) return false;
  return second.startedAtMs < first.startedAtMs + (first.durationMs ?? Number.POSITIVE_INFINITY);
}

/** How long the page waited for servers. Steps at the same time count once. */
export function totalMsOf(sent: readonly StepReport[]): number {
  let totalMs = 0;
  let endMs = 0;
  for (const { startedAtMs = 0, durationMs = 0 } of sent) {
    const startMs = Math.max(startedAtMs, endMs);
    endMs = Math.max(endMs, startedAtMs + durationMs);
    totalMs += endMs - startMs;
  }
  return totalMs;
}

/** The steps that weren't skipped, in the order in which they were sent. */
export function sentSteps(steps: StepReports): StepReport[] {
  return STEP_ORDER.flatMap((step) => steps[step] ?? []).filter(({ state }) => state !== 'skipped');
}

/** @returns null before and during a flow */
export function summaryOf(steps: StepReports, status: SsoState['status']): string | null {
  const sent = sentSteps(steps);
  if (sent.length === 0 || sent.some(({ state }) => state === 'pending')) return null;
  const failed = sent.find(({ state }) => state === 'refused' || state === 'unanswered');
  if (failed) return `Step ${failed.step} ${failed.state === 'refused' ? 'was refused' : 'got no response'}.`;
  const endedSignedIn = steps[4]?.state === 'done' || steps[4]?.state === 'skipped';
  if (status === 'signed-out' && endedSignedIn) return 'These are the steps from before you signed out.';
  if (status === 'signed-out') return 'Nobody is signed in on this site. Step 5 is waiting for you.';
  if (status === 'confirmation-required') return 'You are signed in on this site. Step 3 is waiting for you.';
  if (status !== 'signed-in') return null;
  if (steps[4]?.state !== 'done') {
    return steps[2]?.state === 'done'
      ? 'Steps 1 and 2 found your sessions at this app and at the SSO service.'
      : 'Step 1 was enough: you already had a session at this app.';
  }
  const numbers = sent.map(({ step }) => step);
  const withFactor = usesPasskey(steps[5]) ? 'with your passkey' : 'with your password';
  const how = steps[5]?.state === 'done' ? withFactor : 'without a password';
  if (areConcurrent(steps)) {
    return `Signed in ${how}: steps 1 and 2 at the same time, then ${formatList(numbers.slice(2))}.`;
  }
  return `Signed in ${how} in steps ${formatList(numbers)}.`;
}

/** `1, 2 and 3`. */
function formatList(numbers: readonly number[]): string {
  return `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

/** `0.4 ms`, `12 ms`, `1.2 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
}
