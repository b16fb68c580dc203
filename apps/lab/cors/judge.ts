/**
 * Predicts what a browser does with a request of the CORS lab and the target's policy. It follows the Fetch
 * standard, and names the section and the step that decide.
 */
import { findCookies, noCookies } from './cookies.ts';
import { checkCors } from './cors-check.ts';
import { findDifference } from './differences.ts';
import type { TargetOrigins } from './experiment-request.ts';
import { findExposedHeaders, isTimingAllowed } from './exposure.ts';
import { type ExperimentStep, type Policy, preflightFields } from './policy.ts';
import { checkPreflight } from './preflight.ts';
import {
  findPreflight,
  forgetPreflights,
  type RememberedPreflight,
  rememberPreflight,
} from './preflight-cache.ts';
import { type PreparedRequest, prepareRequest } from './prepare-request.ts';
import { send } from './send.ts';
import type { StoredResponse } from './shared-cache.ts';
import { type Finding, toFinding } from './standard.ts';
import { type Rule, targetHeaderNames, type Verdict } from './verdict.ts';

/** What earlier requests to the same path left behind. */
interface Memory {
  preflights: readonly RememberedPreflight[];
  responses: readonly StoredResponse[];
}

/** Predicts the verdicts on requests to the same path, each sent right after the one before. */
export function judge(steps: readonly ExperimentStep[], origins: TargetOrigins): readonly Verdict[] {
  let memory: Memory = { preflights: [], responses: [] };
  return steps.map((step) => {
    const judgment = judgeStep(step, origins, memory);
    memory = judgment.memory;
    return judgment.verdict;
  });
}

interface Judgment {
  verdict: Verdict;
  memory: Memory;
}

/** A request that `fetch()` accepted. */
interface FetchParams {
  request: PreparedRequest;
  policy: Policy;
  origins: TargetOrigins;
  memory: Memory;
}

function judgeStep({ request, policy }: ExperimentStep, origins: TargetOrigins, memory: Memory): Judgment {
  const preparation = prepareRequest(request);
  if (!preparation.isValid) return { verdict: notSent(preparation.finding), memory };
  return mainFetch({ request: preparation.prepared, policy, origins, memory });
}

/** Main fetch, step 12: the first case that applies. */
function mainFetch(params: FetchParams): Judgment {
  const { request, origins, memory } = params;
  const page = origins['same-origin'];
  const decide = (rule: Rule, because: string) => toFinding('Main fetch', '12', rule, because);
  if (request.target === 'same-origin') {
    const because = `The target is the page's own origin, ${page}, so it needs no policy`;
    return fetchUnchecked(params, decide('same-origin-request', because));
  }
  if (request.mode === 'same-origin') {
    const because = `Mode same-origin allows only the page's origin, ${page}, not ${origins[request.target]}`;
    return { verdict: notSent(decide('mode-same-origin', because), request), memory };
  }
  if (request.mode === 'no-cors') {
    const because = 'Mode no-cors gives the page an opaque response: status 0, no headers, and no body';
    return fetchUnchecked(params, decide('opaque-response', because));
  }
  return fetchWithCors(params);
}

/** HTTP fetch, step 4.3 alone: neither a preflight nor a CORS check. */
function fetchUnchecked({ request, policy, origins, memory }: FetchParams, finding: Finding): Judgment {
  const { fields, isExecuted, responses } = send(request, policy, origins, memory.responses);
  const isReadable = finding.rule === 'same-origin-request';
  const verdict: Verdict = {
    ...notSent(finding, request),
    isSent: true,
    isExecuted,
    cookies: findCookies(request),
    readable: isReadable ? 'yes' : 'opaque',
    exposedHeaders: isReadable ? targetHeaderNames : [],
    // Browsers block opaque JSON responses, including their `Timing-Allow-Origin`.
    isTimingReadable:
      isReadable || (request.method === 'HEAD' && isTimingAllowed(fields, origins['same-origin'])),
  };
  return { verdict, memory: { ...memory, responses } };
}

/** HTTP fetch, step 4: the preflight (4.1), the request (4.3), and the CORS check of its response (4.4). */
function fetchWithCors({ request, policy, origins, memory }: FetchParams): Judgment {
  const page = origins['same-origin'];
  const preflight = findPreflight(request, memory.preflights);
  const fields = preflightFields(policy, page);
  const difference = findDifference(request, fields, memory.preflights);
  let { preflights } = memory;
  // Main fetch, step 12: the failure of a request that needed a preflight clears the preflight cache.
  const forget = () => (preflight === 'none' ? preflights : forgetPreflights(request, preflights));

  if (preflight === 'sent') {
    const finding = checkPreflight(request, { status: policy.preflight.status, fields }, page);
    if (finding.rule !== 'allowed') {
      const verdict: Verdict = { ...notSent(finding, request), preflight, failedIn: 'preflight', difference };
      return { verdict, memory: { ...memory, preflights: forget() } };
    }
    preflights = rememberPreflight(request, fields, preflights);
  }

  const response = send(request, policy, origins, memory.responses);
  const subject = response.isExecuted ? 'The response' : "The shared cache's response";
  const finding = checkCors(request.credentials, response.fields, page, subject);
  const isReadable = finding.rule === 'allowed';
  const verdict: Verdict = {
    ...notSent(finding, request),
    preflight,
    isSent: true,
    isExecuted: response.isExecuted,
    cookies: findCookies(request),
    readable: isReadable ? 'yes' : 'no',
    failedIn: isReadable ? null : 'response',
    exposedHeaders: isReadable ? findExposedHeaders(request.credentials, response.fields) : [],
    isTimingReadable: isReadable && isTimingAllowed(response.fields, page),
    difference,
  };
  return {
    verdict,
    memory: { preflights: isReadable ? preflights : forget(), responses: response.responses },
  };
}

/** Returns the verdict on a request that isn't sent. The other verdicts override parts of it. */
function notSent({ because, ...finding }: Finding, request?: PreparedRequest): Verdict {
  const droppedNames = request?.droppedNames ?? [];
  const dropped =
    droppedNames.length === 0 ? '' : `; the browser silently dropped ${droppedNames.join(', ')}`;
  return {
    ...finding,
    reason: `${because}${dropped}.`,
    preflight: 'none',
    isSent: false,
    isExecuted: false,
    cookies: noCookies,
    readable: 'no',
    failedIn: null,
    exposedHeaders: [],
    isTimingReadable: false,
    difference: null,
  };
}
