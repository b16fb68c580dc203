/** Requests that a preflight announces, and what its response must say: point 3 of the article. */
import type { Experiment } from './experiment.ts';
import { jsonPost, jsonPut, wrongPolicy } from './right-policy.ts';

export function preflightExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'preflight', points: [3], difference: null } as const;
  return [
    {
      ...common,
      id: 'allow-methods-missing',
      title: 'No Access-Control-Allow-Methods',
      meant: 'An origin that is allowed may use every method.',
      does:
        'Without the header, a preflight allows GET, HEAD and POST only. The browser doesn’t send the ' +
        'PUT, so nothing is executed.',
      instead: 'List the methods that the URL has: Access-Control-Allow-Methods: POST, PUT.',
      ...wrongPolicy(pageOrigin, jsonPut, { allowMethods: null }),
    },
    {
      ...common,
      id: 'allow-headers-missing',
      title: 'No Access-Control-Allow-Headers',
      meant: 'Content-Type is a harmless header that needs no permission.',
      does:
        'Content-Type is safelisted only with the three types that a form can send. application/json isn’t ' +
        'one of them, so the preflight has to allow the header.',
      instead: 'List the headers that the page sets: Access-Control-Allow-Headers: Content-Type.',
      ...wrongPolicy(pageOrigin, jsonPost, { allowHeaders: null }),
    },
    {
      ...common,
      id: 'wildcard-methods',
      title: 'Access-Control-Allow-Methods: *, with credentials',
      points: [2, 3],
      meant: 'Every method is allowed.',
      does: 'With credentials, * isn’t a wildcard but the name of a method that nobody uses.',
      instead: 'List the methods by name.',
      ...wrongPolicy(pageOrigin, jsonPut, { allowMethods: '*' }),
    },
    {
      ...common,
      id: 'wildcard-headers',
      title: 'Access-Control-Allow-Headers: *, with credentials',
      points: [2, 3],
      meant: 'Every header is allowed.',
      does:
        'With credentials, * isn’t a wildcard but the name of a header that nobody sends. Without them it ' +
        'is one, but by the standard it never covers Authorization.',
      instead: 'List the headers by name.',
      ...wrongPolicy(pageOrigin, jsonPost, { allowHeaders: '*' }),
    },
    {
      ...common,
      id: 'preflight-redirected',
      title: 'A preflight that is redirected',
      meant: 'The server redirects every request to the canonical address, by scheme, host or slash.',
      does:
        'Browsers don’t follow a redirect of a preflight. Its response needs an ok status, which is 200 to ' +
        '299, and the policy at the other address doesn’t count.',
      instead: 'Request the final address, or answer OPTIONS before the redirect.',
      ...wrongPolicy(pageOrigin, jsonPost, { preflight: { status: 301, hasPolicy: true } }),
    },
    {
      ...common,
      id: 'preflight-unauthorized',
      title: 'A preflight answered with 401',
      meant: 'Every request has to be authenticated.',
      does:
        'A preflight never carries credentials, so authentication refuses it. With a status outside 200 to ' +
        '299, the preflight fails even with the right headers.',
      instead: 'Answer preflights before authentication. They reveal only the policy.',
      ...wrongPolicy(pageOrigin, jsonPost, { preflight: { status: 401, hasPolicy: true } }),
    },
    {
      ...common,
      id: 'preflight-server-error',
      title: 'A preflight answered with 500',
      meant: 'A filter adds the policy to every response, and routes needn’t know about OPTIONS.',
      does:
        'A route that fails on an OPTIONS answers 500. The policy is there, but the status isn’t ok, so ' +
        'the preflight fails.',
      instead: 'Answer a preflight with 204 before any route sees it.',
      ...wrongPolicy(pageOrigin, jsonPost, { preflight: { status: 500, hasPolicy: true } }),
    },
    {
      ...common,
      id: 'preflight-without-policy',
      title: 'A preflight answered without the policy',
      points: [1, 3],
      meant: 'The policy belongs to the response with the data.',
      does:
        'The browser checks the response to the preflight in the same way. That response names no origin, ' +
        'so the browser sends no request and never sees the policy in the other response.',
      instead: 'Send the policy in both responses.',
      ...wrongPolicy(pageOrigin, jsonPost, { preflight: { status: 204, hasPolicy: false } }),
    },
  ];
}
