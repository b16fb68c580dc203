/** How the prediction, the page's observation and the server's record are compared. */
import { describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../../../exchange/run.ts';
import type { Observation, StepResult } from '../run-experiment.ts';
import {
  type AnswerRow,
  compareAnswers,
  isBlockedYetExecuted,
  type Prediction,
  type Question,
} from './compare.ts';

const allSent = { strict: 'sent', lax: 'sent', none: 'sent' } as const;

const predicted: Prediction = {
  preflight: 'sent',
  isSent: true,
  isExecuted: true,
  cookies: allSent,
  readable: 'yes',
  difference: null,
};

function record(kind: RecordedRequest['kind'], cookies: RecordedRequest['cookies'] = []): RecordedRequest {
  return { kind, method: 'POST', cookies, fields: [], status: 200, responseFields: [] };
}

const readableResponse: Observation = {
  readable: 'yes',
  status: 200,
  fields: [],
  error: null,
  hasTiming: true,
};

const blocked: Observation = {
  ...readableResponse,
  readable: 'no',
  status: null,
  error: 'TypeError: Failed to fetch',
};

const result: StepResult = {
  observation: readableResponse,
  record: { requests: [record('preflight'), record('request', ['strict', 'lax', 'none'])], executions: 1 },
};

function agreements(answers: Partial<Prediction>, found: Partial<StepResult> = {}) {
  const rows = compareAnswers({ ...predicted, ...answers }, { ...result, ...found });
  return Object.fromEntries(rows.map(({ question, agrees }) => [question, agrees]));
}

function rowOf(
  question: Question,
  answers: Partial<Prediction>,
  found: StepResult | null = result,
): AnswerRow {
  const row = compareAnswers({ ...predicted, ...answers }, found).find((row) => row.question === question);
  if (row === undefined) throw new Error(`there is no row for ${question}`);
  return row;
}

describe('the four answers', () => {
  it('All four answers agree if everything happened as predicted', () => {
    expect(agreements({})).toEqual({ sent: true, executed: true, cookies: true, readable: true });
  });

  it('An answer that isn’t as predicted counts as “varies” where browsers are known to differ', () => {
    const difference = 'Chromium does something else.';
    expect(agreements({ readable: 'no' })).toMatchObject({ readable: false, executed: true });
    expect(agreements({ readable: 'no', difference })).toMatchObject({ readable: 'varies', executed: true });
  });

  it('Before the run, no answer agrees or disagrees', () => {
    const rows = compareAnswers(predicted, null);
    expect(rows.map(({ agrees }) => agrees)).toEqual([null, null, null, null]);
    expect(rows.map(({ browser, server }) => [browser.text, server.text])).toEqual([
      ['The page can’t tell', 'Not run yet'],
      ['The page can’t tell', 'Not run yet'],
      ['The page can’t tell', 'Not run yet'],
      ['Not run yet', 'The server can’t tell'],
    ]);
  });

  it('A preflight that is missing or unexpected contradicts the prediction', () => {
    const withoutPreflight = { requests: [record('request', ['strict', 'lax', 'none'])], executions: 1 };
    expect(agreements({}, { record: withoutPreflight })).toMatchObject({ sent: false, executed: true });
    expect(agreements({ preflight: 'none' }, { record: withoutPreflight })).toMatchObject({ sent: true });
    expect(agreements({ preflight: 'cached' }, { record: withoutPreflight })).toMatchObject({ sent: true });
    expect(agreements({ preflight: 'cached' })).toMatchObject({ sent: false });
  });

  it('A preflight alone doesn’t count as the request', () => {
    const onlyPreflight = { requests: [record('preflight')], executions: 0 };
    expect(agreements({}, { record: onlyPreflight })).toMatchObject({ sent: false, executed: false });
    const stopped = { isSent: false, isExecuted: false };
    expect(agreements(stopped, { record: onlyPreflight })).toMatchObject({ sent: true, executed: true });
    expect(rowOf('sent', stopped).predicted.text).toBe('Only the preflight');
    expect(rowOf('sent', { ...stopped, preflight: 'none' }).predicted.text).toBe('No, not even a preflight');
  });

  it('A redirected preflight doesn’t count as the request', () => {
    const requests = [record('preflight'), record('redirected')];
    expect(agreements({ isSent: false }, { record: { requests, executions: 0 } })).toMatchObject({
      sent: true,
    });
  });

  it('A response from the shared cache means that the request was sent but not executed', () => {
    const found = { ...result, record: { requests: [record('cache')], executions: 0 } };
    expect(agreements({ preflight: 'none', isExecuted: false }, found)).toMatchObject({
      sent: true,
      executed: true,
    });
    expect(rowOf('executed', {}, found).server.text).toBe('No, the shared cache answered');
  });

  it('A cookie that was sent contradicts the prediction that it is withheld, and the reverse', () => {
    const withLax = { requests: [record('preflight'), record('request', ['lax'])], executions: 1 };
    expect(agreements({}, { record: withLax })).toMatchObject({ cookies: false });
    const onlyLax = { strict: 'withheld', lax: 'sent', none: 'withheld' } as const;
    expect(agreements({ cookies: onlyLax }, { record: withLax })).toMatchObject({ cookies: true });
    expect(agreements({ cookies: onlyLax })).toMatchObject({ cookies: false });
  });

  it('A prediction that leaves one cookie open is “varies”, unless another cookie contradicts it', () => {
    expect(agreements({ cookies: { ...allSent, none: 'varies' } })).toMatchObject({ cookies: 'varies' });
    const refuted = { strict: 'withheld', lax: 'sent', none: 'varies' } as const;
    expect(agreements({ cookies: refuted })).toMatchObject({ cookies: false });
  });

  it('The page’s own observation decides whether the response is readable', () => {
    expect(agreements({}, { observation: blocked })).toMatchObject({ readable: false });
    expect(agreements({ readable: 'no' }, { observation: blocked })).toMatchObject({ readable: true });
    expect(rowOf('readable', {}, { ...result, observation: blocked }).browser).toEqual({
      answer: 'no',
      text: 'No: TypeError: Failed to fetch',
    });
  });

  it('An opaque response is neither readable nor blocked', () => {
    const observation: Observation = { ...readableResponse, readable: 'opaque', status: 0 };
    expect(agreements({ readable: 'opaque' }, { observation })).toMatchObject({ readable: true });
    expect(agreements({ readable: 'no' }, { observation })).toMatchObject({ readable: false });
  });
});

describe('blocked, yet executed', () => {
  it('It means that the page can’t read the response, but the server executed the request', () => {
    expect(isBlockedYetExecuted({ ...result, observation: blocked })).toBe(true);
    expect(isBlockedYetExecuted(result)).toBe(false);
    const stopped = { requests: [record('preflight')], executions: 0 };
    expect(isBlockedYetExecuted({ observation: blocked, record: stopped })).toBe(false);
  });
});
