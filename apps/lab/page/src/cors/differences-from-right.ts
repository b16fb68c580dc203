/** Finds the switches of an experiment that are wrong, by comparing its steps with the right ones. */
import type { ExperimentStep } from '../../../cors/policy.ts';
import { describeValue, SWITCH_NAMES, type Switch, toSwitches } from './switches.ts';

export interface Difference {
  /** The values as text. */
  actual: string;
  right: string;
  /** Whether this is the experiment's mistake. False for a visitor's change. */
  isMistake: boolean;
}

/**
 * Returns the switches to mark in a step. A visitor's changes may be right for the visitor's own request, so
 * they aren't called mistakes, and only the policy is compared.
 */
export function differencesFromRight(
  step: ExperimentStep,
  right: ExperimentStep,
  isEdited: boolean,
): ReadonlyMap<Switch, Difference> {
  const actual = toSwitches(step);
  const expected = toSwitches(isEdited ? { ...right, request: step.request } : right);
  const differing = [...expected].filter(
    ([name, value]) => JSON.stringify(actual.get(name)) !== JSON.stringify(value),
  );
  return new Map(
    differing.map(([name, value]) => [
      name,
      {
        actual: describeValue(name, actual.get(name)),
        right: describeValue(name, value),
        isMistake: !isEdited,
      },
    ]),
  );
}

/** Describes what a step changes compared with the step before it. */
export function describeChanges(step: ExperimentStep, before: ExperimentStep): string {
  const changes = [...differencesFromRight(step, before, false)];
  if (changes.length === 0) return 'The same request and policy once more.';
  const texts = changes.map(([name, { actual }]) => `${SWITCH_NAMES[name]}: ${actual}`);
  return `Changed since the first request: ${texts.join('; ')}.`;
}
