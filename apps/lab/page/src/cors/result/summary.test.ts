/** What screen readers announce after a run. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../../cors/judge.ts';
import { experiments } from '../../../../experiments/experiments.ts';
import type { StepResult } from '../run-experiment.ts';
import { headlineOf, summarize } from './summary.ts';

const ORIGIN = 'http://lab.example.localhost:4010';
const origins = {
  'same-origin': ORIGIN,
  'same-site': 'http://target.example.localhost:4010',
  'cross-site': 'http://target.elsewhere.localhost:4010',
};

const request = { method: 'POST', fields: [], status: 200, responseFields: [] };
const observation = { status: null, fields: [], error: 'TypeError', hasTiming: false };

function resultOf(
  readable: StepResult['observation']['readable'],
  kinds: readonly ('preflight' | 'request')[],
  executions: number,
): StepResult {
  const requests = kinds.map((kind) => ({ ...request, kind, cookies: ['strict', 'lax', 'none'] as const }));
  return {
    observation: { ...observation, readable },
    record: { requests: requests.map((one) => ({ ...one, cookies: [...one.cookies] })), executions },
  };
}

function verdictsOf(id: string) {
  const experiment = experiments(ORIGIN).find((one) => one.id === id);
  return judge(experiment?.steps ?? [], origins);
}

describe('the summary of a run', () => {
  it('It says first that the server executed the request, and then that the prediction held', () => {
    expect(summarize(verdictsOf('wildcard-with-credentials'), [resultOf('no', ['request'], 1)])).toBe(
      'Blocked, yet executed. All 4 answers are as predicted.',
    );
  });

  it('It counts the answers that contradict the prediction', () => {
    const verdicts = verdictsOf('wildcard-with-credentials');
    expect(summarize(verdicts, [resultOf('yes', ['request'], 1)])).toBe(
      'The page read the response. 1 of 4 answers isn’t as predicted.',
    );
    expect(summarize(verdicts, [resultOf('yes', ['preflight', 'request'], 1)])).toBe(
      'The page read the response. 2 of 4 answers aren’t as predicted.',
    );
  });

  it('It doesn’t count a difference between browsers as a confirmed prediction', () => {
    const result = resultOf('no', ['request'], 1);
    for (const recorded of result.record.requests) recorded.cookies = ['none'];
    expect(summarize(verdictsOf('cookies-to-another-site'), [result])).toBe(
      'Blocked, yet executed. All 4 answers are as predicted, except where browsers differ.',
    );
  });

  it('It describes the last of two requests, and counts the answers of both', () => {
    const results = [resultOf('yes', ['preflight', 'request'], 1), resultOf('no', ['request'], 1)];
    expect(summarize(verdictsOf('max-age-hides-a-change'), results)).toBe(
      'Blocked, yet executed. All 8 answers are as predicted.',
    );
  });
});

describe('the headline of a step', () => {
  it.each([
    ['The page read the response.', resultOf('yes', ['request'], 1)],
    ['Blocked, yet executed.', resultOf('no', ['request'], 1)],
    ['Unreadable, yet executed.', resultOf('opaque', ['request'], 1)],
    ['Blocked.', resultOf('no', ['request'], 0)],
    ['Stopped by the preflight: the request was never sent.', resultOf('no', ['preflight'], 0)],
    ['The browser sent nothing.', resultOf('no', [], 0)],
  ])('It is "%s"', (headline, result) => {
    expect(headlineOf(result)).toBe(headline);
  });
});
