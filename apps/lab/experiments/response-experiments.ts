/** What a page can read of a response that it may read: its status, its headers and its timing. */
import type { Experiment } from './experiment.ts';
import { get, jsonPost, oneStep, wrongPolicy } from './right-policy.ts';

export function responseExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'response', points: [5], difference: null } as const;
  return [
    {
      ...common,
      id: 'error-without-policy',
      title: 'An error response without the policy',
      points: [1, 5],
      meant: 'No page needs to read an error response.',
      does:
        'The preflight succeeds, and the server executes the request and fails. The page sees a network ' +
        'error instead of the status 500, and can’t tell it from a lost connection.',
      instead: 'Set the policy’s headers before anything can fail, so that every response has them.',
      steps: oneStep(pageOrigin, jsonPost, { response: { status: 500, hasPolicy: false } }),
      rightSteps: oneStep(pageOrigin, jsonPost, { response: { status: 500, hasPolicy: true } }),
    },
    {
      ...common,
      id: 'expose-headers-missing',
      title: 'No Access-Control-Expose-Headers',
      meant: 'A page that may read the response may read all its headers.',
      does:
        'The page can read the body and the safelisted headers, such as Content-Type and Cache-Control. ' +
        'X-Lab-Run isn’t one of them, so headers.get("X-Lab-Run") returns null.',
      instead: 'Send Access-Control-Expose-Headers: X-Lab-Run.',
      ...wrongPolicy(pageOrigin, get, { exposeHeaders: null }),
    },
    {
      ...common,
      id: 'wildcard-expose-headers',
      title: 'Access-Control-Expose-Headers: *, with credentials',
      points: [2, 5],
      meant: 'The page may read every header.',
      does: 'With credentials, * isn’t a wildcard but the name of a header that no response has.',
      instead: 'List the headers by name. No list exposes Set-Cookie.',
      ...wrongPolicy(pageOrigin, get, { exposeHeaders: '*' }),
    },
    {
      ...common,
      id: 'timing-allow-origin-missing',
      title: 'No Timing-Allow-Origin',
      points: [1, 5],
      meant: 'A page that may read the response may also measure it.',
      does:
        'Resource timing has a header of its own. Without it, the page learns when the fetch began and ' +
        'ended, and reads 0 for the times of the connection, the request and the first byte.',
      instead:
        'Name the page’s origin in Timing-Allow-Origin, which takes a list. Omit it where response times ' +
        'reveal something.',
      ...wrongPolicy(pageOrigin, get, { timingAllowOrigin: null }),
    },
  ];
}
