/** Which switches the page marks. */
import { describe, expect, it } from 'vitest';
import { experiments } from '../../../experiments/experiments.ts';
import { get, jsonPost, rightPolicy } from '../../../experiments/right-policy.ts';
import { describeChanges, differencesFromRight } from './differences-from-right.ts';

const ORIGIN = 'http://lab.example.localhost:4010';
const policy = rightPolicy(ORIGIN);
const right = { request: get, policy };

describe('the marks of a step', () => {
  it('A step without a mistake has no marks', () => {
    expect(differencesFromRight(right, structuredClone(right), false)).toEqual(new Map());
  });

  it('Each differing switch is marked as a mistake, with its value and the right one', () => {
    const step = {
      request: { ...get, mode: 'no-cors' as const },
      policy: {
        ...policy,
        vary: null,
        preflight: { status: 301, hasPolicy: false } as const,
        response: { ...policy.response, status: 401 } as const,
        hasSharedCache: true,
      },
    };
    expect(Object.fromEntries(differencesFromRight(step, right, false))).toEqual({
      mode: { actual: 'no-cors', right: 'cors', isMistake: true },
      vary: { actual: 'not sent', right: 'Origin', isMistake: true },
      'preflight.status': { actual: '301', right: '204', isMistake: true },
      'preflight.hasPolicy': { actual: 'without the policy', right: 'with the policy', isMistake: true },
      'response.status': { actual: '401', right: '200', isMistake: true },
      hasSharedCache: { actual: 'yes', right: 'no', isMistake: true },
    });
  });

  it.each(experiments(ORIGIN).map(({ id, steps, rightSteps }) => [id, steps, rightSteps] as const))(
    'The experiment "%s" has a mark if and only if it makes a mistake.',
    (_id, steps, rightSteps) => {
      const marks = steps.flatMap((step, index) => [
        ...differencesFromRight(step, rightSteps?.[index] ?? step, false).keys(),
      ]);
      expect(marks.length > 0).toBe(rightSteps !== null);
    },
  );

  it('In a visitor’s own step, only differences of the policy are marked, and not as mistakes', () => {
    const edited = { request: jsonPost, policy: { ...policy, vary: '*' } };
    expect(Object.fromEntries(differencesFromRight(edited, right, true))).toEqual({
      vary: { actual: '*', right: 'Origin', isMistake: false },
    });
  });
});

describe('the changes between two steps', () => {
  it('Each change is named with its new value', () => {
    const second = {
      request: get,
      policy: { ...policy, maxAge: null, allowOrigin: { rule: 'none' } },
    } as const;
    expect(describeChanges(second, right)).toBe(
      'Changed since the first request: Access-Control-Allow-Origin: not sent; ' +
        'Access-Control-Max-Age: not sent.',
    );
  });

  it('A step that repeats the one before it is described as a repetition', () => {
    expect(describeChanges(right, right)).toBe('The same request and policy once more.');
  });
});
