/**
 * Runs experiments of the CORS lab without its controls: the test registers a run with the lab's server, and
 * the page under test sends the requests.
 */
import type { ExperimentRequest, Target, TargetOrigins } from '../apps/lab/cors/experiment-request.ts';
import type { ExperimentStep, Policy } from '../apps/lab/cors/policy.ts';
import { type Answers, targetHeaderNames, type Verdict } from '../apps/lab/cors/verdict.ts';
import { paths } from '../apps/lab/exchange/paths.ts';
import { type RunRecord, runPath } from '../apps/lab/exchange/run.ts';
import { experiments } from '../apps/lab/experiments/experiments.ts';
import { compareAnswers } from '../apps/lab/page/src/cors/result/compare.ts';
import { labHosts } from '../scripts/site/lab.ts';
import type { SiteProcess } from '../scripts/site/site-process.ts';
import { send } from '../test/support/http.ts';

/** Returns the origins of the lab's targets. */
export function labTargets({ origin }: SiteProcess): TargetOrigins {
  const at = (hostname: string) => Object.assign(new URL(origin), { hostname }).origin;
  return {
    'same-origin': origin,
    'same-site': at(labHosts.sameSiteTarget),
    'cross-site': at(labHosts.crossSiteTarget),
  };
}

export interface Variant {
  target: Target;
  credentials: ExperimentRequest['credentials'];
}

/** Every target with every credentials mode. The stories run each experiment in each variant. */
export const variants: readonly Variant[] = (['same-origin', 'same-site', 'cross-site'] as const).flatMap(
  (target) => (['omit', 'same-origin', 'include'] as const).map((credentials) => ({ target, credentials })),
);

/** Returns all experiments, with their requests changed to the variant's target and credentials mode. */
export function experimentsOf(lab: SiteProcess, variant: Variant) {
  return experiments(lab.origin).map(({ id, steps }) => ({
    id,
    steps: steps.map((step) => ({ ...step, request: { ...step.request, ...variant } })),
  }));
}

/** What the page learns about its request. */
interface Observed {
  readable: Answers['readable'];
  /** The names of the response headers that the page can read, in lower case. */
  headers: readonly string[];
  hasTiming: boolean;
}

export type SentRequest = readonly [url: string, request: ExperimentRequest];

/** Evaluates `sendFromPage` in a page of the lab. */
type SendFromPage = (sent: SentRequest) => Promise<Observed>;

/** Sends a request. The test evaluates this function in a page, so it uses nothing from this file. */
export async function sendFromPage([url, { headers, body, ...options }]: SentRequest): Promise<Observed> {
  performance.clearResourceTimings();
  try {
    const response = await fetch(url, { ...options, body, headers: headers.map(([...pair]) => pair) });
    await response.text();
    const timings = performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[];
    return {
      readable: response.type === 'opaque' ? 'opaque' : 'yes',
      headers: [...response.headers.keys()],
      hasTiming: timings.some(({ responseStart }) => responseStart > 0),
    };
  } catch {
    return { readable: 'no', headers: [], hasTiming: false };
  }
}

/**
 * Visits every target, so that the browser stores its cookies.
 *
 * @param visit opens a URL in a tab and returns the text of the response
 * @throws {Error} if the browser doesn't send all three cookies on another visit
 */
export async function storeTargetCookies(
  lab: SiteProcess,
  visit: (url: string) => Promise<string>,
): Promise<void> {
  const targets = labTargets(lab);
  for (const origin of Object.values(targets)) await visit(origin + paths.cookies);
  for (const target of ['same-site', 'cross-site'] as const) {
    const status = await visit(targets[target] + paths.status);
    if (!status.includes('"cookies":["strict","lax","none"]')) {
      throw new Error(`The ${target} target didn’t receive all three cookies: ${status}`);
    }
  }
}

export interface Outcome {
  observed: Observed;
  /** What the target recorded during this step. */
  record: RunRecord;
}

/** Runs an experiment, and returns the outcome of each step. */
export async function runSteps(
  lab: SiteProcess,
  steps: readonly ExperimentStep[],
  fromPage: SendFromPage,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let id = '';
  let before: RunRecord = { requests: [], executions: 0 };
  for (const [index, { request, policy }] of steps.entries()) {
    if (index === 0) id = String((await sendToLab(lab, 'POST', paths.runs, policy))['id']);
    else await sendToLab(lab, 'PUT', `${paths.runs}/${id}`, policy);
    const observed = await fromPage([labTargets(lab)[request.target] + runPath(id), request]);
    const total = (await sendToLab(lab, 'GET', `${paths.runs}/${id}`)) as unknown as RunRecord;
    const record = {
      requests: total.requests.slice(before.requests.length),
      executions: total.executions - before.executions,
    };
    outcomes.push({ observed, record });
    before = total;
  }
  return outcomes;
}

/** Returns where the browser or the server contradicts the verdicts, such as `step 0: cookies`. */
export function disagreements(verdicts: readonly Verdict[], outcomes: readonly Outcome[]): string[] {
  return verdicts.flatMap((verdict, index) => {
    const outcome = outcomes[index];
    const parts = outcome === undefined ? ['not run'] : findDisagreements(verdict, outcome);
    return parts.map((part) => `step ${index}: ${part}`);
  });
}

function findDisagreements(verdict: Verdict, { observed, record }: Outcome): string[] {
  const { readable, headers, hasTiming } = observed;
  const observation = { readable, status: null, fields: [], error: null, hasTiming };
  const rows = compareAnswers(verdict, { observation, record });
  const readableHeaders = targetHeaderNames.filter((name) => headers.includes(name.toLowerCase()));
  const areHeadersAlike = String(readableHeaders) === String(verdict.exposedHeaders);
  const isTimingAlike = readable !== 'yes' || hasTiming === verdict.isTimingReadable;
  return [
    ...rows.filter(({ agrees }) => agrees === false).map(({ question }) => question),
    ...(areHeadersAlike ? [] : ['headers']),
    ...(isTimingAlike ? [] : ['timing']),
  ];
}

async function sendToLab(lab: SiteProcess, method: string, path: string, policy?: Policy) {
  const json = policy && JSON.stringify({ policy });
  const { status, body } = await send(lab, {
    method,
    path,
    headers: {
      Host: new URL(lab.origin).host,
      Origin: lab.origin,
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(json !== undefined && { body: json }),
  });
  if (status >= 300) throw new Error(`The lab responded to ${method} ${path} with ${status}.`);
  return body;
}
