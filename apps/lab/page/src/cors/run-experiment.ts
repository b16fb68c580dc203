/**
 * Sends the requests of an experiment, and reads what the server recorded. Each run has a fresh path, so the
 * browser has no cached preflight for it.
 */
import * as v from 'valibot';
import type { ExperimentRequest, TargetOrigins } from '../../../cors/experiment-request.ts';
import type { ExperimentStep, Fields } from '../../../cors/policy.ts';
import type { Answers } from '../../../cors/verdict.ts';
import { paths } from '../../../exchange/paths.ts';
import { type RecordedRequest, RunRecord, runPath, StartRunResponse } from '../../../exchange/run.ts';
import { LabUnavailableError, setCookies } from './set-cookies.ts';

/** What the page itself learns about its request. */
export interface Observation {
  readable: Answers['readable'];
  /** Null if the promise was rejected. */
  status: number | null;
  /** The response's headers that the page can read. */
  fields: Fields;
  /** Such as `TypeError: Failed to fetch`; null if the promise was fulfilled. */
  error: string | null;
  /** Whether the page can read when the response began. */
  hasTiming: boolean;
}

export interface StepResult {
  observation: Observation;
  /** What the target recorded during this step. */
  record: RunRecord;
}

export interface RunOutcome {
  /** Part of the run's path. */
  id: string;
  /** One for each step. */
  results: readonly StepResult[];
}

/** @throws {LabUnavailableError} */
export async function runExperiment(
  steps: readonly ExperimentStep[],
  origins: TargetOrigins,
): Promise<RunOutcome> {
  const results: StepResult[] = [];
  let id = '';
  let before: RunRecord = { requests: [], executions: 0 };
  for (const [index, { request, policy }] of steps.entries()) {
    if (sendsCookies(request) && request.target !== 'cross-site') await setCookies(origins[request.target]);
    if (index === 0) ({ id } = await sendToLab(StartRunResponse, 'POST', paths.runs, { policy }));
    else await sendToLab(v.null(), 'PUT', `${paths.runs}/${id}`, { policy });
    const observation = await observe(origins[request.target] + runPath(id), request);
    const total = await sendToLab(RunRecord, 'GET', `${paths.runs}/${id}`);
    results.push({ observation, record: subtract(total, before) });
    before = total;
  }
  return { id, results };
}

/** Whether the credentials mode includes cookies. `SameSite` may still withhold them. */
export function sendsCookies({ credentials, target }: ExperimentRequest): boolean {
  return credentials === 'include' || (credentials === 'same-origin' && target === 'same-origin');
}

async function observe(url: string, request: ExperimentRequest): Promise<Observation> {
  const { method, mode, credentials, headers, body } = request;
  performance.clearResourceTimings();
  try {
    const init = { method, mode, credentials, headers: headers.map(([name, value]) => [name, value]) };
    const response = await fetch(url, { ...init, body } as RequestInit);
    await response.text();
    return {
      readable: response.type === 'opaque' ? 'opaque' : 'yes',
      status: response.status,
      fields: [...response.headers],
      error: null,
      hasTiming: hasTiming(url),
    };
  } catch (error) {
    return { readable: 'no', status: null, fields: [], error: String(error), hasTiming: hasTiming(url) };
  }
}

/** Without `Timing-Allow-Origin`, another origin's response has a start of 0. */
function hasTiming(url: string): boolean {
  const entries = performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[];
  return entries.some(({ responseStart }) => responseStart > 0);
}

/**
 * @param schema of the response's JSON, which is null for 204
 * @throws {LabUnavailableError} unless the lab's server sends such a response
 */
async function sendToLab<Body>(
  schema: v.GenericSchema<unknown, Body>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> {
  const json = body !== undefined && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  let response: Response;
  try {
    response = await fetch(path, { method, ...json });
  } catch {
    throw new LabUnavailableError('The lab’s server isn’t responding.');
  }
  if (!response.ok) {
    throw new LabUnavailableError(`The lab’s server responded with status ${response.status}.`);
  }
  const parsed = v.safeParse(schema, response.status === 204 ? null : await response.json());
  if (!parsed.success) {
    throw new LabUnavailableError('This page and the lab’s server don’t match. Reload the page.');
  }
  return parsed.output;
}

function subtract(total: RunRecord, before: RunRecord): RunRecord {
  const requests: RecordedRequest[] = total.requests.slice(before.requests.length);
  return { requests, executions: total.executions - before.executions };
}
