/** Requests that no preflight announces: what a form could always send, and the other request modes. */
import type { Experiment } from './experiment.ts';
import { formPost, get, jsonPost, jsonPut, noOrigin, oneStep } from './right-policy.ts';

export function withoutPreflightExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'without-preflight', points: [3, 5], difference: null } as const;
  const noPolicy = { allowOrigin: noOrigin } as const;
  const stoppedByPreflight = oneStep(pageOrigin, jsonPost, noPolicy);
  return [
    {
      ...common,
      id: 'form-post',
      title: 'A POST that a form could send',
      meant: 'Without a CORS policy, no other origin can send anything to this URL.',
      does:
        'HTML forms could send this request long before CORS, so it needs no preflight. The server ' +
        'executes it, and only the response is kept from the page.',
      instead:
        'Accept application/json only, which needs a preflight across origins, and refuse other origins by ' +
        'the Origin header.',
      steps: oneStep(pageOrigin, formPost, noPolicy),
      rightSteps: stoppedByPreflight,
    },
    {
      ...common,
      id: 'text-plain-post',
      title: 'JSON as text/plain',
      meant: 'The endpoint takes JSON, and JSON needs a preflight.',
      does:
        'The preflight depends on the Content-Type, not on the body. text/plain is safelisted, so a server ' +
        'that parses JSON regardless of its Content-Type executes any page’s request.',
      instead: 'Answer 415 unless the Content-Type is application/json.',
      steps: oneStep(pageOrigin, { ...jsonPost, headers: [['Content-Type', 'text/plain']] }, noPolicy),
      rightSteps: stoppedByPreflight,
    },
    {
      ...common,
      id: 'no-cors',
      title: 'mode: "no-cors"',
      meant: 'The mode switches CORS off, so the page can read the response.',
      does:
        'The browser sends the request without asking for permission, and the page gets an opaque ' +
        'response: status 0, no headers, no body.',
      instead:
        'Let the server allow the page’s origin, and keep the mode cors. no-cors is for what the page uses ' +
        'without reading it, such as images.',
      steps: oneStep(pageOrigin, { ...formPost, mode: 'no-cors' }, noPolicy),
      rightSteps: oneStep(pageOrigin, formPost),
    },
    {
      ...common,
      id: 'no-cors-put',
      title: 'mode: "no-cors" with PUT',
      points: [3],
      meant: 'The mode avoids the preflight of a PUT.',
      does:
        'no-cors allows only what needs no preflight: GET, HEAD and POST. With another method, fetch ' +
        'throws a TypeError and sends nothing.',
      instead: 'Use the mode cors, and let the preflight allow PUT.',
      steps: oneStep(pageOrigin, { ...jsonPut, mode: 'no-cors' }, noPolicy),
      rightSteps: oneStep(pageOrigin, jsonPut),
    },
    {
      ...common,
      id: 'mode-same-origin',
      title: 'mode: "same-origin"',
      points: [1],
      meant: 'The mode makes the request count as same-origin.',
      does:
        'The browser refuses to send a request to any other origin. The mode is a safeguard for the page, ' +
        'not a permission.',
      instead: 'Keep the default mode, cors, for other origins.',
      steps: oneStep(pageOrigin, { ...get, mode: 'same-origin' }, noPolicy),
      rightSteps: oneStep(pageOrigin, get),
    },
    {
      ...common,
      id: 'same-origin-request',
      title: 'A request to the page’s own origin',
      points: [1],
      meant: 'An endpoint that reads JSON by PUT needs a CORS policy.',
      does: 'Within one origin, the browser sends no preflight and looks for no permission.',
      instead: 'Nothing: send CORS headers only where another origin has to read the response.',
      steps: oneStep(pageOrigin, { ...jsonPut, target: 'same-origin' }, noPolicy),
      rightSteps: null,
    },
  ];
}
