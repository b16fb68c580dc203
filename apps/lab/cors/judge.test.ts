/** Whole verdicts: which rule of the standard decides, in which step, and what happens nevertheless. */
import { describe, expect, it } from 'vitest';
import { noCookies } from './cookies.ts';
import type { Policy } from './policy.ts';
import { judgeWith, origins, page } from './step.fixture.ts';
import type { Answers } from './verdict.ts';

const allCookies = { strict: 'sent', lax: 'sent', none: 'sent' };
const unsent: Answers = {
  preflight: 'none',
  isSent: false,
  isExecuted: false,
  cookies: noCookies,
  readable: 'no',
};

it('A request that the policy allows is sent, executed and readable', () => {
  expect(judgeWith({})).toEqual({
    preflight: 'none',
    isSent: true,
    isExecuted: true,
    cookies: allCookies,
    readable: 'yes',
    rule: 'allowed',
    failedIn: null,
    step: 'CORS check, step 7',
    link: 'https://fetch.spec.whatwg.org/#cors-check',
    header: null,
    reason: `The response allows the page's origin, ${page}, and credentials.`,
    exposedHeaders: ['Cache-Control', 'Content-Type', 'Content-Length'],
    isTimingReadable: false,
    difference: null,
  });
});

describe('blocked, yet executed', () => {
  it.each([
    [{ allowOrigin: { rule: 'none' } }, 'allow-origin-missing', 'Access-Control-Allow-Origin'],
    [
      { allowOrigin: { rule: 'fixed', value: '*' } },
      'allow-origin-wildcard-with-credentials',
      'Access-Control-Allow-Origin',
    ],
    [
      { allowOrigin: { rule: 'fixed', value: `${page}, http://b` } },
      'allow-origin-multiple',
      'Access-Control-Allow-Origin',
    ],
    [
      { allowOrigin: { rule: 'fixed', value: `${page}/` } },
      'allow-origin-mismatch',
      'Access-Control-Allow-Origin',
    ],
    [
      { allowOrigin: { rule: 'prefix', value: 'https://' } },
      'allow-origin-missing',
      'Access-Control-Allow-Origin',
    ],
    [
      { allowOrigin: { rule: 'suffix', value: '.example' } },
      'allow-origin-missing',
      'Access-Control-Allow-Origin',
    ],
    [{ allowCredentials: null }, 'allow-credentials', 'Access-Control-Allow-Credentials'],
    [{ response: { status: 500, hasPolicy: false } }, 'allow-origin-missing', 'Access-Control-Allow-Origin'],
  ] as [Partial<Policy>, string, string][])(
    'A simple POST with the policy change %j is executed, but not readable.',
    (policy, rule, header) => {
      const verdict = judgeWith({ method: 'POST', body: 'a=b' }, policy);
      const answers = {
        isSent: true,
        isExecuted: true,
        cookies: allCookies,
        readable: 'no',
        preflight: 'none',
      };
      expect(verdict).toMatchObject({ ...answers, rule, header, failedIn: 'response' });
    },
  );
});

describe('policies that allow more origins than they should', () => {
  it.each([
    { rule: 'reflect' },
    { rule: 'prefix', value: 'http://lab.example' },
    { rule: 'suffix', value: '.localhost:4010' },
    { rule: 'fixed', value: page },
  ] as Policy['allowOrigin'][])('%j lets the page read the response.', (allowOrigin) => {
    expect(judgeWith({}, { allowOrigin })).toMatchObject({ rule: 'allowed', readable: 'yes' });
  });
});

describe('requests with a preflight', () => {
  const jsonRequest = {
    method: 'POST',
    body: '{}',
    headers: [['Content-Type', 'application/json'] as [string, string]],
  };

  it('A request that the policy allows is sent after its preflight', () => {
    const expected = { preflight: 'sent', isSent: true, isExecuted: true, readable: 'yes', rule: 'allowed' };
    expect(judgeWith(jsonRequest)).toMatchObject(expected);
  });

  it.each([
    [{ preflight: { status: 301, hasPolicy: true } }, 'preflight-redirected', null],
    [{ preflight: { status: 401, hasPolicy: true } }, 'preflight-status', null],
    [{ preflight: { status: 401, hasPolicy: false } }, 'allow-origin-missing', 'Access-Control-Allow-Origin'],
    [{ preflight: { status: 204, hasPolicy: false } }, 'allow-origin-missing', 'Access-Control-Allow-Origin'],
    [{ allowCredentials: 'TRUE' }, 'allow-credentials', 'Access-Control-Allow-Credentials'],
    [{ allowHeaders: '*' }, 'allow-headers', 'Access-Control-Allow-Headers'],
    [{ allowHeaders: null }, 'allow-headers', 'Access-Control-Allow-Headers'],
  ] as [Partial<Policy>, string, string | null][])(
    'With the policy change %j, the request is never sent.',
    (policy, rule, header) => {
      const verdict = judgeWith(jsonRequest, policy);
      expect(verdict).toMatchObject({ ...unsent, preflight: 'sent', rule, header, failedIn: 'preflight' });
    },
  );

  it('A response without a policy is not readable, though its preflight passed', () => {
    const verdict = judgeWith(jsonRequest, { response: { status: 401, hasPolicy: false } });
    expect(verdict).toMatchObject({
      preflight: 'sent',
      isExecuted: true,
      failedIn: 'response',
      readable: 'no',
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'A POST of %s needs no preflight, so nothing stops it.',
    (type) => {
      const verdict = judgeWith(
        { ...jsonRequest, headers: [['Content-Type', type]] },
        { preflight: { status: 500, hasPolicy: false } },
      );
      expect(verdict).toMatchObject({ preflight: 'none', isExecuted: true });
    },
  );

  it.each([200, 401, 500] as const)('A response with the status %i is readable', (status) => {
    expect(judgeWith(jsonRequest, { response: { status, hasPolicy: true } }).readable).toBe('yes');
  });
});

describe('mode no-cors', () => {
  it('In mode no-cors, any policy leads to an executed request and an opaque response', () => {
    for (const allowOrigin of [{ rule: 'none' }, { rule: 'fixed', value: page }] as const) {
      const verdict = judgeWith({ mode: 'no-cors', method: 'POST', body: 'x' }, { allowOrigin });
      const answers = {
        preflight: 'none',
        isSent: true,
        isExecuted: true,
        cookies: allCookies,
        readable: 'opaque',
      };
      expect(verdict).toMatchObject({ ...answers, rule: 'opaque-response', step: 'Main fetch, step 12' });
    }
  });

  it('The reason names the headers that the browser dropped', () => {
    const { reason } = judgeWith({ mode: 'no-cors', headers: [['X-Test', '1']] });
    expect(reason).toMatch(/opaque response.*; the browser silently dropped X-Test\.$/);
  });

  it('In mode no-cors, fetch() throws for a method that needs a preflight', () => {
    const expected = {
      ...unsent,
      rule: 'invalid-request',
      link: 'https://fetch.spec.whatwg.org/#dom-request',
    };
    expect(judgeWith({ mode: 'no-cors', method: 'PUT' })).toMatchObject(expected);
  });
});

describe('mode same-origin', () => {
  it.each(['same-site', 'cross-site'] as const)(
    'Mode same-origin sends nothing to a %s origin.',
    (target) => {
      const verdict = judgeWith({ mode: 'same-origin', target });
      expect(verdict).toMatchObject({ ...unsent, rule: 'mode-same-origin', failedIn: null, header: null });
      expect(verdict.reason).toContain(origins[target]);
    },
  );

  it("Mode same-origin changes nothing for the page's own origin.", () => {
    expect(judgeWith({ mode: 'same-origin', target: 'same-origin' }).rule).toBe('same-origin-request');
  });
});

describe("the page's own origin", () => {
  it.each(['cors', 'no-cors', 'same-origin'] as const)(
    "The page's own origin needs no policy in mode %s.",
    (mode) => {
      const broken: Partial<Policy> = {
        allowOrigin: { rule: 'none' },
        preflight: { status: 500, hasPolicy: false },
      };
      const verdict = judgeWith({ target: 'same-origin', mode }, broken);
      const answers = { preflight: 'none', isExecuted: true, cookies: allCookies, readable: 'yes' };
      expect(verdict).toMatchObject({ ...answers, rule: 'same-origin-request', isTimingReadable: true });
    },
  );

  it('Unsafe methods and headers need no preflight within one origin', () => {
    const verdict = judgeWith({ target: 'same-origin', method: 'DELETE', headers: [['X-Test', '1']] });
    expect(verdict).toMatchObject({ preflight: 'none', readable: 'yes' });
  });

  it('Credentials mode same-origin sends cookies only to the own origin', () => {
    const credentials = 'same-origin';
    expect(judgeWith({ credentials, target: 'same-origin' }).cookies).toEqual(allCookies);
    expect(judgeWith({ credentials }).cookies).toEqual(noCookies);
  });
});

it('A cross-site request carries neither Strict nor Lax cookies, but is executed', () => {
  const verdict = judgeWith({ target: 'cross-site' }, { allowOrigin: { rule: 'none' } });
  expect(verdict.cookies).toEqual({ strict: 'withheld', lax: 'withheld', none: 'varies' });
  expect(verdict).toMatchObject({ isExecuted: true, readable: 'no' });
});
