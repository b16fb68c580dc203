/** Properties that hold for every request and every policy. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { anyStep, manySteps } from './any-step.fixture.ts';
import { ExperimentRequest } from './experiment-request.ts';
import { judge } from './judge.ts';
import { type ExperimentStep, Policy, preflightFields, responseFields } from './policy.ts';
import { origins, page } from './step.fixture.ts';
import type { Verdict } from './verdict.ts';

/** Checks each step of generated sequences, whose earlier steps leave preflights and responses behind. */
function forEachVerdict(check: (verdict: Verdict, step: ExperimentStep, isFirst: boolean) => void) {
  const property = fc.property(manySteps, (steps) => {
    for (const [index, verdict] of judge(steps, origins).entries()) {
      check(verdict, steps[index] as ExperimentStep, index === 0);
    }
  });
  fc.assert(property);
}

const isCrossOrigin = ({ request: { target } }: ExperimentStep) => target !== 'same-origin';

it('The schemas accept the generated requests and policies', () => {
  fc.assert(
    fc.property(anyStep, (generated) => {
      expect(v.is(ExperimentRequest, generated.request)).toBe(true);
      expect(v.is(Policy, generated.policy)).toBe(true);
    }),
  );
});

describe('for every sequence of requests and policies', () => {
  it("A response from another origin is readable only if Allow-Origin is * or the page's origin.", () => {
    forEachVerdict((verdict, current) => {
      if (!isCrossOrigin(current) || verdict.readable !== 'yes' || !verdict.isExecuted) return;
      const fields = new Map(responseFields(current.policy, page));
      expect(['*', page]).toContain(fields.get('Access-Control-Allow-Origin')?.trim());
    });
  });

  it('With credentials, a response is readable only with the exact origin and "true"', () => {
    forEachVerdict((verdict, current) => {
      if (!isCrossOrigin(current) || verdict.readable !== 'yes' || !verdict.isExecuted) return;
      if (current.request.credentials !== 'include') return;
      const fields = new Map(responseFields(current.policy, page));
      expect(fields.get('Access-Control-Allow-Origin')?.trim()).toBe(page);
      expect(fields.get('Access-Control-Allow-Credentials')?.trim()).toBe('true');
    });
  });

  it('A request whose preflight fails is neither sent nor executed, and carries no cookie', () => {
    forEachVerdict((verdict) => {
      if (verdict.failedIn !== 'preflight') return;
      expect(verdict).toMatchObject({ preflight: 'sent', isSent: false, isExecuted: false, readable: 'no' });
      expect(new Set(Object.values(verdict.cookies))).toEqual(new Set(['withheld']));
    });
  });

  it('A request is sent after a preflight only if that succeeded and allowed the origin', () => {
    forEachVerdict((verdict, { policy: { preflight }, policy: current }) => {
      if (verdict.preflight !== 'sent' || !verdict.isSent) return;
      expect([200, 204]).toContain(preflight.status);
      const fields = new Map(preflightFields(current, page));
      expect(['*', page]).toContain(fields.get('Access-Control-Allow-Origin')?.trim());
    });
  });

  it('Only a CORS request to another origin has a preflight', () => {
    forEachVerdict((verdict, current) => {
      if (verdict.preflight === 'none') return;
      expect(isCrossOrigin(current) && current.request.mode === 'cors').toBe(true);
    });
  });

  it('The first request finds neither a remembered preflight nor a stored response', () => {
    forEachVerdict((verdict, _, isFirst) => {
      if (!isFirst) return;
      expect(verdict.preflight).not.toBe('cached');
      expect(verdict.isExecuted).toBe(verdict.isSent);
    });
  });

  it('An executed request was sent, and a sent one is executed unless a shared cache answers', () => {
    forEachVerdict((verdict, { policy: { hasSharedCache }, request: { method } }) => {
      if (verdict.isExecuted || verdict.readable !== 'no') expect(verdict.isSent).toBe(true);
      if (verdict.isSent && !verdict.isExecuted) expect([hasSharedCache, method]).toEqual([true, 'GET']);
    });
  });

  it('Cookies require a sent request, and headers and timing a response that shows them', () => {
    forEachVerdict((verdict, { request: { credentials, method } }) => {
      const travels = Object.values(verdict.cookies).some((travel) => travel !== 'withheld');
      if (travels) expect([verdict.isSent, credentials === 'omit']).toEqual([true, false]);
      if (verdict.exposedHeaders.length > 0) expect(verdict.readable).toBe('yes');
      if (verdict.isTimingReadable) expect(verdict.readable === 'yes' || method === 'HEAD').toBe(true);
    });
  });

  it('The rule, the response in which it failed and the header to blame are consistent', () => {
    forEachVerdict(({ rule, failedIn, header: blamed, readable, link, reason, step: where }) => {
      expect(failedIn === null).toBe(
        readable !== 'no' || ['mode-same-origin', 'invalid-request'].includes(rule),
      );
      const isHeaderRule = rule.startsWith('allow-');
      expect(blamed !== null).toBe(isHeaderRule);
      if (blamed !== null)
        expect(rule.startsWith(blamed.replace('Access-Control-', '').toLowerCase())).toBe(true);
      expect(link).toMatch(/^https:\/\/fetch\.spec\.whatwg\.org\/#[a-z-]+$/);
      expect(where).toMatch(
        /^(Request constructor|Main fetch|CORS-preflight fetch|CORS check), step \d+(\.\d)?$/,
      );
      expect(reason).toMatch(/^[A-Z].*\.$/);
    });
  });

  it('Judging the same requests again gives the same verdicts', () => {
    fc.assert(
      fc.property(manySteps, (steps) => {
        expect(judge(steps, origins)).toEqual(judge(structuredClone(steps), origins));
      }),
    );
  });
});

describe('for every single request', () => {
  const judgeStep = (current: ExperimentStep) => judge([current], origins)[0] as Verdict;
  const forEachChange = (
    change: (changed: Policy) => Policy,
    check: (before: Verdict, after: Verdict) => void,
  ) =>
    fc.assert(
      fc.property(anyStep, (current) => {
        check(judgeStep(current), judgeStep({ ...current, policy: change(current.policy) }));
      }),
    );

  it('Vary, Max-Age and the shared cache do not affect a single request', () => {
    const change = (changed: Policy) => ({ ...changed, vary: 'Origin', maxAge: '600', hasSharedCache: true });
    forEachChange(change, (before, after) => expect(after).toEqual(before));
  });

  it('Expose-Headers and Timing-Allow-Origin affect only what they expose', () => {
    const change = (changed: Policy) => ({ ...changed, exposeHeaders: '*', timingAllowOrigin: '*' });
    forEachChange(change, (before, after) => {
      const { exposedHeaders, isTimingReadable } = before;
      expect({ ...after, exposedHeaders, isTimingReadable }).toEqual(before);
      expect(after.exposedHeaders.length > 0).toBe(exposedHeaders.length > 0);
    });
  });

  it('Without Allow-Origin, no other origin is readable, and no request follows a preflight', () => {
    const change = (changed: Policy): Policy => ({ ...changed, allowOrigin: { rule: 'none' } });
    forEachChange(change, (before, after) => {
      if (before.rule === 'same-origin-request') return;
      expect(after.readable).not.toBe('yes');
      expect(after.isSent && after.preflight === 'sent').toBe(false);
    });
  });

  it('Omitting credentials never makes an allowed request fail', () => {
    fc.assert(
      fc.property(anyStep, (current) => {
        if (judgeStep(current).readable !== 'yes') return;
        const without = { ...current, request: { ...current.request, credentials: 'omit' as const } };
        expect(judgeStep(without).readable).toBe('yes');
      }),
    );
  });
});
