/**
 * The state of the CORS lab as a query: `?experiment=id` for an experiment as it is, and `&steps=JSON` for
 * a visitor's changes. A link is other people's input, so it is limited in size and checked before use.
 */
import * as v from 'valibot';
import { ExperimentRequest } from '../../../cors/experiment-request.ts';
import { type ExperimentStep, Policy } from '../../../cors/policy.ts';

export const MAX_STEPS_BYTES = 4096;

/** The steps of an experiment, as a link or the form holds them. */
const Steps = v.pipe(
  v.array(v.strictObject({ request: ExperimentRequest, policy: Policy })),
  v.minLength(1),
  v.maxLength(2),
);

export function areValid(steps: readonly ExperimentStep[]): boolean {
  return v.is(Steps, steps);
}

export interface SharedState {
  /** Null for the overview, and for steps that belong to no experiment. */
  experimentId: string | null;
  /** Null if the experiment is unedited. */
  steps: readonly ExperimentStep[] | null;
}

export type LinkError = 'unknown-experiment' | 'too-long' | 'invalid-steps';

/** Returns the state that a query describes. For an invalid query, returns what to show instead, and why. */
export function parseSearch(
  search: string,
  isKnown: (experimentId: string) => boolean,
): SharedState & { error: LinkError | null } {
  const query = new URLSearchParams(search);
  const id = query.get('experiment');
  const experimentId = id !== null && isKnown(id) ? id : null;
  const json = query.get('steps');
  if (json === null) {
    return { experimentId, steps: null, error: id === experimentId ? null : 'unknown-experiment' };
  }
  if (sizeOf(json) > MAX_STEPS_BYTES) return { experimentId, steps: null, error: 'too-long' };
  const steps = v.safeParse(Steps, parseJson(json));
  if (!steps.success) return { experimentId, steps: null, error: 'invalid-steps' };
  return { experimentId, steps: steps.output, error: null };
}

/** Returns the query with the question mark; null if the steps are invalid or too long for a link. */
export function toSearch({ experimentId, steps }: SharedState): string | null {
  const query = new URLSearchParams();
  if (experimentId !== null) query.set('experiment', experimentId);
  if (steps !== null) {
    const json = JSON.stringify(steps);
    if (!areValid(steps) || sizeOf(json) > MAX_STEPS_BYTES) return null;
    query.set('steps', json);
  }
  return query.size === 0 ? '' : `?${query}`;
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
