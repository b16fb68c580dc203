/** The verdict that each experiment demonstrates, as its texts describe it. */
import { describe, expect, test } from 'vitest';
import type { Target, TargetOrigins } from '../cors/experiment-request.ts';
import { judge } from '../cors/judge.ts';
import type { ExperimentStep } from '../cors/policy.ts';
import type { Verdict } from '../cors/verdict.ts';
import type { Experiment } from './experiment.ts';
import { experiments } from './experiments.ts';

const PAGE = 'http://lab.example.localhost:4010';
const ORIGINS: TargetOrigins = {
  'same-origin': PAGE,
  'same-site': 'http://target.example.localhost:4010',
  'cross-site': 'http://target.elsewhere.localhost:4010',
};

/** One row per step. The verdict is the same whether the target is same-site or cross-site. */
const VERDICTS = `
right-policy                 | allowed                                | sent    | executed | readable
no-header                    | allow-origin-missing                   | none    | executed | blocked
origin-list                  | allow-origin-multiple                  | none    | executed | blocked
null-origin                  | allow-origin-mismatch                  | none    | executed | blocked
wrong-scheme                 | allow-origin-mismatch                  | none    | executed | blocked
wrong-port                   | allow-origin-mismatch                  | none    | executed | blocked
trailing-slash               | allow-origin-mismatch                  | none    | executed | blocked
upper-case                   | allow-origin-mismatch                  | none    | executed | blocked
reflected-origin             | allowed                                | none    | executed | readable
suffix-match                 | allowed                                | none    | executed | readable
prefix-match                 | allowed                                | none    | executed | readable

wildcard-with-credentials    | allow-origin-wildcard-with-credentials | none    | executed | blocked
wildcard-without-credentials | allowed                                | none    | executed | readable
allow-credentials-missing    | allow-credentials                      | none    | executed | blocked
allow-credentials-upper-case | allow-credentials                      | none    | executed | blocked
default-credentials-mode     | allowed                                | sent    | executed | readable
cookies-to-the-same-site     | allow-origin-missing                   | none    | executed | blocked
cookies-to-another-site      | allow-origin-missing                   | none    | executed | blocked
right-policy-at-another-site | allowed                                | sent    | executed | readable

allow-methods-missing        | allow-methods                          | refused | not sent | blocked
allow-headers-missing        | allow-headers                          | refused | not sent | blocked
wildcard-methods             | allow-methods                          | refused | not sent | blocked
wildcard-headers             | allow-headers                          | refused | not sent | blocked
preflight-redirected         | preflight-redirected                   | refused | not sent | blocked
preflight-unauthorized       | preflight-status                       | refused | not sent | blocked
preflight-server-error       | preflight-status                       | refused | not sent | blocked
preflight-without-policy     | allow-origin-missing                   | refused | not sent | blocked

error-without-policy         | allow-origin-missing                   | sent    | executed | blocked
expose-headers-missing       | allowed                                | none    | executed | readable
wildcard-expose-headers      | allowed                                | none    | executed | readable
timing-allow-origin-missing  | allowed                                | none    | executed | readable

form-post                    | allow-origin-missing                   | none    | executed | blocked
text-plain-post              | allow-origin-missing                   | none    | executed | blocked
no-cors                      | opaque-response                        | none    | executed | opaque
no-cors-put                  | invalid-request                        | none    | not sent | blocked
mode-same-origin             | mode-same-origin                       | none    | not sent | blocked

missing-vary                 | opaque-response                        | none    | executed | opaque
missing-vary                 | allow-origin-missing                   | none    | sent     | blocked
max-age-hides-a-change       | allowed                                | sent    | executed | readable
max-age-hides-a-change       | allow-origin-missing                   | cached  | executed | blocked
`;

/** Experiments whose right steps end with a preflight that stops the request. */
const STOPPED_BY_PREFLIGHT = [
  'cookies-to-the-same-site',
  'cookies-to-another-site',
  'form-post',
  'text-plain-post',
  'max-age-hides-a-change',
];

/** strict, lax and none, in the last step. */
const COOKIES = `
right-policy                 | same-origin | sent     | sent     | sent
right-policy                 | same-site   | sent     | sent     | sent
right-policy-at-another-site | cross-site  | withheld | withheld | varies
cookies-to-the-same-site     | same-site   | sent     | sent     | sent
cookies-to-another-site      | cross-site  | withheld | withheld | varies
no-cors                      | same-site   | sent     | sent     | sent
max-age-hides-a-change       | same-site   | sent     | sent     | sent
default-credentials-mode     | same-origin | sent     | sent     | sent
default-credentials-mode     | same-site   | withheld | withheld | withheld
wildcard-without-credentials | same-origin | withheld | withheld | withheld
wildcard-without-credentials | same-site   | withheld | withheld | withheld
mode-same-origin             | same-site   | withheld | withheld | withheld
preflight-without-policy     | same-site   | withheld | withheld | withheld
`;

const catalogue = experiments(PAGE);

function rowsOf(table: string): string[][] {
  const lines = table.split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split('|').map((cell) => cell.trim()));
}

function find(id: string): Experiment {
  const experiment = catalogue.find((candidate) => candidate.id === id);
  if (experiment === undefined) throw new Error(`no experiment ${id}`);
  return experiment;
}

function judgeAt(target: Target, steps: readonly ExperimentStep[]): readonly Verdict[] {
  const moved = steps.map(({ request, policy }) => ({ request: { ...request, target }, policy }));
  return judge(moved, ORIGINS);
}

function judgeRight({ steps, rightSteps }: Experiment): Verdict {
  const verdict = judge(rightSteps ?? steps, ORIGINS).at(-1);
  if (verdict === undefined) throw new Error('no step');
  return verdict;
}

function toRow({ rule, failedIn, preflight, isSent, isExecuted, readable }: Verdict): string[] {
  const request = isSent ? 'sent' : 'not sent';
  return [
    rule,
    failedIn === 'preflight' ? 'refused' : preflight,
    isExecuted ? 'executed' : request,
    { yes: 'readable', opaque: 'opaque', no: 'blocked' }[readable],
  ];
}

describe('an experiment', () => {
  test('has its verdict in this file', () => {
    const listed = new Set(rowsOf(VERDICTS).map(([id]) => id));
    const missing = catalogue.filter(({ id }) => id !== 'same-origin-request' && !listed.has(id));
    expect(missing).toEqual([]);
  });

  const ids = [...new Set(rowsOf(VERDICTS).map(([id = '']) => id))];
  test.each(ids)('%s has the same expected verdict for the same-site and the cross-site target', (id) => {
    const expected = rowsOf(VERDICTS).filter((row) => row[0] === id);
    for (const target of ['same-site', 'cross-site'] as const) {
      const rows = judgeAt(target, find(id).steps).map((verdict) => [id, ...toRow(verdict)]);
      expect(rows).toEqual(expected);
    }
  });

  test('with the page’s own origin needs no policy, but would need one with another origin', () => {
    const { steps } = find('same-origin-request');
    expect(judge(steps, ORIGINS).map(toRow)).toEqual([
      ['same-origin-request', 'none', 'executed', 'readable'],
    ]);
    expect(judgeAt('same-site', steps).map(toRow)).toEqual([
      ['allow-origin-missing', 'refused', 'not sent', 'blocked'],
    ]);
  });

  test.each(rowsOf(COOKIES))(
    '%s sends the expected cookies to the %s target',
    (id = '', target, ...cookies) => {
      const verdict = judgeAt(target as Target, find(id).steps).at(-1);
      expect(verdict?.cookies).toEqual({ strict: cookies[0], lax: cookies[1], none: cookies[2] });
    },
  );

  test('says where browsers differ if and only if they differ about its cookies', () => {
    for (const { id, steps, difference } of catalogue) {
      const varies = judge(steps, ORIGINS).some(({ cookies }) => cookies.none === 'varies');
      expect([id, difference !== null]).toEqual([id, varies]);
    }
  });
});

describe('the right steps of an experiment', () => {
  const mistaken = catalogue.filter(({ rightSteps }) => rightSteps !== null);

  test.each(mistaken)('let the page read the response of $id, or let a preflight stop it', (experiment) => {
    const { readable, isExecuted, failedIn } = judgeRight(experiment);
    const isStopped = STOPPED_BY_PREFLIGHT.includes(experiment.id);
    expect({ readable, isExecuted, failedIn }).toEqual({
      readable: isStopped ? 'no' : 'yes',
      isExecuted: !isStopped,
      failedIn: isStopped ? 'preflight' : null,
    });
  });

  test.each([
    ['expose-headers-missing', true],
    ['wildcard-expose-headers', true],
    ['timing-allow-origin-missing', false],
  ])('of %s expose the header or the timing that the experiment hides', (id, isHeader) => {
    const [shown] = judge(find(id).steps, ORIGINS);
    const right = judgeRight(find(id));
    const read = (verdict: Verdict | undefined) =>
      isHeader ? verdict?.exposedHeaders.includes('X-Lab-Run') : verdict?.isTimingReadable;
    expect([read(shown), read(right)]).toEqual([false, true]);
  });
});
