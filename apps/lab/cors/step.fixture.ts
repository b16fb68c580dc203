/** A request and a policy that agree, for tests that change one thing about them. */
import type { ExperimentRequest, TargetOrigins } from './experiment-request.ts';
import { judge } from './judge.ts';
import type { Fields, Policy } from './policy.ts';
import { type PreparedRequest, prepareRequest } from './prepare-request.ts';
import type { Verdict } from './verdict.ts';

export const page = 'http://lab.example.localhost:4010';
export const origins: TargetOrigins = {
  'same-origin': page,
  'same-site': 'http://target.example.localhost:4010',
  'cross-site': 'http://target.elsewhere.localhost:4010',
};

/** A request to another origin of the same site that needs no preflight and has credentials. */
export const simpleRequest: ExperimentRequest = {
  target: 'same-site',
  method: 'GET',
  mode: 'cors',
  credentials: 'include',
  headers: [],
  body: null,
};

export const rightPolicy: Policy = {
  allowOrigin: { rule: 'exact', value: page },
  allowCredentials: 'true',
  allowMethods: 'PUT, DELETE',
  allowHeaders: 'Content-Type, X-Test',
  maxAge: '0',
  exposeHeaders: null,
  timingAllowOrigin: null,
  vary: 'Origin',
  preflight: { status: 204, hasPolicy: true },
  response: { status: 200, hasPolicy: true },
  hasSharedCache: false,
};

export function judgeWith(request: Partial<ExperimentRequest>, policy: Partial<Policy> = {}): Verdict {
  const step = { request: { ...simpleRequest, ...request }, policy: { ...rightPolicy, ...policy } };
  return judge([step], origins)[0] as Verdict;
}

export function prepare(changes: Partial<ExperimentRequest>): PreparedRequest {
  const preparation = prepareRequest({ ...simpleRequest, ...changes });
  if (!preparation.isValid) throw new Error(`fetch() refuses it: ${preparation.finding.because}.`);
  return preparation.prepared;
}

/** Returns a response's headers, without those that are null. */
export function toFields(values: Readonly<Record<string, string | null>>): Fields {
  return Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
