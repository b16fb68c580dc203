/** What a first request leaves for a second one to the same path: a preflight, or a stored response. */
import { describe, expect, it } from 'vitest';
import type { ExperimentRequest } from './experiment-request.ts';
import { judge } from './judge.ts';
import type { Policy } from './policy.ts';
import { origins, page, rightPolicy, simpleRequest } from './step.fixture.ts';

type Changes = readonly [request: Partial<ExperimentRequest>, policy?: Partial<Policy>];

const judgeInTurn = (...steps: readonly Changes[]) =>
  judge(
    steps.map(([request, policy]) => ({
      request: { ...simpleRequest, ...request },
      policy: { ...rightPolicy, ...policy },
    })),
    origins,
  );

describe('remembered preflights', () => {
  const put = { method: 'PUT' };
  const remembered = { maxAge: '600' };
  const preflights = (...steps: readonly Changes[]) =>
    judgeInTurn(...steps).map(({ preflight }) => preflight);

  it.each(['1', '5', '600', '7200', '86400', ' 7 ', '007', '99999999999999999999'])(
    'A preflight with Max-Age %j is remembered.',
    (maxAge) => {
      expect(preflights([put, { maxAge }], [put])).toEqual(['sent', 'cached']);
    },
  );

  it.each(['0', '00', ' 0 '])('A preflight with Max-Age %j is not remembered', (maxAge) => {
    expect(preflights([put, { maxAge }], [put])).toEqual(['sent', 'sent']);
  });

  it.each([null, '', 'x', '-1', '1.5', '5, 6', '+5', '5s'])('Max-Age %j counts as 5 seconds', (maxAge) => {
    expect(preflights([put, { maxAge }], [put])).toEqual(['sent', 'cached']);
  });

  it('A request that needs no preflight neither sends nor uses one', () => {
    expect(preflights([{}, remembered], [put, remembered], [{}])).toEqual(['none', 'sent', 'none']);
  });

  it('A remembered preflight hides that the policy has become stricter', () => {
    const [, second] = judgeInTurn(
      [put, remembered],
      [put, { preflight: { status: 500, hasPolicy: false } }],
    );
    expect(second).toMatchObject({ preflight: 'cached', isExecuted: true, readable: 'yes', rule: 'allowed' });
  });

  it('A remembered preflight does not replace the CORS check of the response', () => {
    const [, second] = judgeInTurn([put, remembered], [put, { response: { status: 200, hasPolicy: false } }]);
    expect(second).toMatchObject({
      preflight: 'cached',
      isExecuted: true,
      readable: 'no',
      failedIn: 'response',
    });
  });

  it('A remembered preflight covers every method that it allowed, and no other', () => {
    const both = { ...remembered, allowMethods: 'PUT, DELETE' };
    expect(preflights([put, both], [{ method: 'DELETE' }])).toEqual(['sent', 'cached']);
    expect(preflights([put, both], [{ method: 'PATCH' }])).toEqual(['sent', 'sent']);
    expect(preflights([put, { ...remembered, allowMethods: 'PUT' }], [{ method: 'put' }])).toEqual([
      'sent',
      'cached',
    ]);
  });

  it('A remembered preflight covers every header that it allowed, in any letter case, and no other', () => {
    const other = { ...remembered, allowHeaders: 'X-TEST, x-b' };
    const first: Changes = [{ headers: [['X-Test', '1']] }, other];
    expect(preflights(first, [{ headers: [['x-B', '2']] }])).toEqual(['sent', 'cached']);
    expect(preflights(first, [{ headers: [['x-c', '2']] }])).toEqual(['sent', 'sent']);
    expect(preflights(first, [{ method: 'PUT', headers: [['x-b', '2']] }])).toEqual(['sent', 'cached']);
  });

  it('A wildcard is remembered for requests without credentials, though not for Authorization', () => {
    const anything = { ...remembered, allowMethods: '*', allowHeaders: '*' };
    const first: Changes = [{ ...put, credentials: 'omit' }, anything];
    const second = { method: 'PATCH', headers: [['X-Test', '1']], credentials: 'omit' } as const;
    expect(preflights(first, [{ ...second, headers: [['X-Test', '1']] }])).toEqual(['sent', 'cached']);
    expect(preflights(first, [{ ...second, headers: [['Authorization', 'x']] }])).toEqual(['sent', 'sent']);
  });

  it('A * beside the method is a plain name if credentials are included', () => {
    const first: Changes = [put, { ...remembered, allowMethods: 'PUT, *' }];
    expect(preflights(first, [put])).toEqual(['sent', 'cached']);
    expect(preflights(first, [{ method: 'DELETE' }])).toEqual(['sent', 'sent']);
  });

  it('A preflight for credentials covers requests without them, but not the reverse', () => {
    const without = { ...put, credentials: 'omit' } as const;
    expect(preflights([put, remembered], [without])).toEqual(['sent', 'cached']);
    expect(preflights([without, remembered], [put])).toEqual(['sent', 'sent']);
  });

  it('A remembered preflight covers no other target', () => {
    expect(preflights([put, remembered], [{ ...put, target: 'cross-site' }])).toEqual(['sent', 'sent']);
  });

  it('A preflight that failed is not remembered', () => {
    expect(preflights([put, { ...remembered, allowMethods: 'GET' }], [put])).toEqual(['sent', 'sent']);
    expect(preflights([put, { ...remembered, preflight: { status: 404, hasPolicy: true } }], [put])).toEqual([
      'sent',
      'sent',
    ]);
  });

  it('The browser forgets a preflight when a request fails afterwards', () => {
    const failing = { ...remembered, response: { status: 200, hasPolicy: false } } as const;
    expect(preflights([put, failing], [put])).toEqual(['sent', 'sent']);
    expect(preflights([put, remembered], [put, failing], [put])).toEqual(['sent', 'cached', 'sent']);
  });

  it('The browser keeps its preflights when a request that needs none fails', () => {
    const failing: Changes = [{}, { response: { status: 200, hasPolicy: false } }];
    expect(preflights([put, remembered], failing, [put])).toEqual(['sent', 'none', 'cached']);
  });
});

describe('the shared cache', () => {
  const cached: Partial<Policy> = { hasSharedCache: true, vary: null };
  const noCors = { mode: 'no-cors' } as const;

  it('Without Vary, the shared cache answers a CORS request with a response to another request', () => {
    const [first, second] = judgeInTurn([noCors, cached], [{}, cached]);
    expect(first).toMatchObject({ isExecuted: true, readable: 'opaque' });
    expect(second).toMatchObject({
      isSent: true,
      isExecuted: false,
      readable: 'no',
      rule: 'allow-origin-missing',
    });
    expect(second?.reason).toBe("The shared cache's response has no Access-Control-Allow-Origin.");
    expect(second?.cookies).toEqual({ strict: 'sent', lax: 'sent', none: 'sent' });
  });

  it.each(['Origin', 'origin', 'Accept, ORIGIN', ',Origin,'])(
    'Vary: %s separates requests by Origin.',
    (vary) => {
      const verdicts = judgeInTurn(
        [noCors, { ...cached, vary }],
        [{}, { ...cached, vary }],
        [{}, { ...cached, vary }],
      );
      expect(verdicts.map(({ isExecuted }) => isExecuted)).toEqual([true, true, false]);
      expect(verdicts.map(({ readable }) => readable)).toEqual(['opaque', 'yes', 'yes']);
    },
  );

  it.each([null, '', 'Accept', 'Accept-Encoding', 'X-Test', 'Cookie'])(
    'Vary: %s does not separate requests by Origin.',
    (vary) => {
      const [, second] = judgeInTurn([noCors, { ...cached, vary }], [{}, { ...cached, vary }]);
      expect(second).toMatchObject({ isExecuted: false, readable: 'no' });
    },
  );

  it.each(['*', 'Origin, *'])('With Vary: %s, the shared cache never answers', (vary) => {
    const verdicts = judgeInTurn([{}, { ...cached, vary }], [{}, { ...cached, vary }]);
    expect(verdicts.map(({ isExecuted }) => isExecuted)).toEqual([true, true]);
  });

  it.each([
    ['Cookie', { credentials: 'omit' }],
    ['Sec-Fetch-Mode', noCors],
    ['Accept', { headers: [['Accept', 'text/html']] }],
    ['X-Test', { headers: [['X-Test', '1']] }],
  ] as const)('Vary: %s separates requests that differ in that header.', (vary, changes) => {
    const policy = { ...cached, vary };
    const other = changes as Partial<ExperimentRequest>;
    const [, second, third] = judgeInTurn([other, policy], [{}, policy], [other, policy]);
    expect([second?.isExecuted, third?.isExecuted]).toEqual([true, false]);
  });

  it('A fixed Allow-Origin that does not depend on the request survives the cache', () => {
    const fixed: Partial<Policy> = { ...cached, allowOrigin: { rule: 'fixed', value: page } };
    const [, second] = judgeInTurn([noCors, fixed], [{}, fixed]);
    expect(second).toMatchObject({ isExecuted: false, readable: 'yes', rule: 'allowed' });
  });

  it('The CORS check uses the stored headers, even if the policy has changed since', () => {
    const [, second] = judgeInTurn([{}, cached], [{}, { ...cached, allowOrigin: { rule: 'none' } }]);
    expect(second).toMatchObject({ isExecuted: false, readable: 'yes' });
  });

  it.each(['POST', 'HEAD', 'PUT'])(
    'The shared cache neither stores responses to %s nor answers such requests.',
    (method) => {
      const verdicts = judgeInTurn([{ method }, cached], [{}, cached], [{ method }, cached]);
      expect(verdicts.map(({ isExecuted }) => isExecuted)).toEqual([true, true, true]);
    },
  );

  it.each([401, 500] as const)('The shared cache stores no response with the status %i', (status) => {
    const [, second] = judgeInTurn([{}, { ...cached, response: { status, hasPolicy: true } }], [{}, cached]);
    expect(second?.isExecuted).toBe(true);
  });

  it('The shared cache stores and answers only while the policy has one, and for the same target', () => {
    const isExecuted = (...steps: readonly Changes[]) => judgeInTurn(...steps)[1]?.isExecuted;
    expect(isExecuted([{}, cached], [{}, cached])).toBe(false);
    expect(isExecuted([{}], [{}, cached])).toBe(true);
    expect(isExecuted([{}, cached], [{}])).toBe(true);
    expect(isExecuted([{}, cached], [{ target: 'cross-site' }, cached])).toBe(true);
  });

  it('The shared cache answers requests to the own origin as well', () => {
    const own = { target: 'same-origin' } as const;
    const [, second] = judgeInTurn([own, cached], [own, cached]);
    expect(second).toMatchObject({ isExecuted: false, readable: 'yes', rule: 'same-origin-request' });
  });

  it('A preflight bypasses the shared cache', () => {
    const withHeader: Changes = [{ headers: [['X-Test', '1']] }, cached];
    const [, second] = judgeInTurn(withHeader, withHeader);
    expect(second).toMatchObject({ preflight: 'sent', isExecuted: false });
  });
});
