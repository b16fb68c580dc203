import { describe, expect, it } from 'vitest';
import type { ExperimentRequest } from './experiment-request.ts';
import { judge } from './judge.ts';
import { judgeWith, origins, rightPolicy, simpleRequest } from './step.fixture.ts';

type Headers = ExperimentRequest['headers'];

const differenceFor = (headers: Headers, allowHeaders = '*', credentials: 'omit' | 'include' = 'omit') =>
  judgeWith({ headers, credentials }, { allowHeaders }).difference;

describe('differences of one request', () => {
  it('Browsers let * cover Authorization, if credentials are not included', () => {
    const headers: Headers = [['Authorization', 'x']];
    expect(differenceFor(headers)).toContain('let * cover Authorization');
    expect(differenceFor(headers, 'x-test')).toBeNull();
    expect(differenceFor(headers, '*, authorization')).toBeNull();
    expect(differenceFor(headers, '*', 'include')).toBeNull();
  });

  it.each([
    [[['User-Agent', 'x']], 'Chromium ignores a User-Agent'],
    [[['Save-Data', 'on']], 'client hints'],
    [
      [
        ['Content-Type', 'text/plain'],
        ['Content-Type', 'text/plain'],
      ],
      'joins the values of a repeated header',
    ],
    [
      [
        ['Accept', 'a'.repeat(100)],
        ['accept', 'a'.repeat(100)],
      ],
      'joins the values of a repeated header',
    ],
  ] as [Headers, string][])('A difference is known for the headers %j.', (headers, sentence) => {
    expect(differenceFor(headers)).toContain(sentence);
  });

  it.each([
    [[]],
    [[['X-Test', '1']]],
    [
      [
        ['Accept', 'a'],
        ['accept', 'b'],
      ],
    ],
    [
      [
        ['X-Test', '1'],
        ['x-test', '2'],
      ],
    ],
  ] as [Headers][])('No difference is known for the headers %j.', (headers) => {
    expect(differenceFor(headers)).toBeNull();
  });
});

describe('differences of a second request', () => {
  const put = { ...simpleRequest, method: 'PUT' };
  const secondDifference = (maxAge: string | null, second: Partial<ExperimentRequest> = {}, first = put) => {
    const policy = { ...rightPolicy, maxAge };
    const steps = [
      { request: first, policy },
      { request: { ...put, ...second }, policy },
    ];
    return judge(steps, origins)[1]?.difference;
  };

  it.each([null, '', '0', '600'])('No difference is known after Max-Age %j', (maxAge) => {
    expect(secondDifference(maxAge)).toBeNull();
  });

  it('No browser remembers a preflight with a negative Max-Age', () => {
    expect(secondDifference('-1')).toBe('Chromium sends another preflight. Firefox sends another preflight.');
  });

  it('Firefox forgets a preflight at once if its Max-Age is not a number', () => {
    expect(secondDifference('x')).toBe('Firefox sends another preflight.');
  });

  it('Firefox remembers preflights separately for requests with and without credentials', () => {
    expect(secondDifference('600', { credentials: 'omit' })).toBe('Firefox sends another preflight.');
  });

  it('Firefox does not remember a wildcard', () => {
    const policy = { ...rightPolicy, maxAge: '600', allowMethods: '*' };
    const request = { ...put, credentials: 'omit' as const };
    const steps = [
      { request, policy },
      { request, policy },
    ];
    expect(judge(steps, origins)[1]?.difference).toBe('Firefox sends another preflight.');
  });

  it('Chromium remembers the preflight of a request that failed', () => {
    const policy = { ...rightPolicy, maxAge: '600' };
    const steps = [
      { request: put, policy: { ...policy, response: { status: 200, hasPolicy: false } as const } },
      { request: put, policy },
    ];
    const sentence = 'Chromium remembers the earlier preflight, and sends none.';
    expect(judge(steps, origins)[1]?.difference).toBe(sentence);
  });
});
