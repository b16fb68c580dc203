/** The right policy of the lab's targets, and the requests that most experiments make. */
import type { ExperimentRequest } from '../cors/experiment-request.ts';
import type { AllowOrigin, ExperimentStep, Policy } from '../cors/policy.ts';

/** Returns the policy that lets one origin send JSON by POST and PUT, with cookies, and read the response. */
export function rightPolicy(pageOrigin: string): Policy {
  return {
    allowOrigin: { rule: 'exact', value: pageOrigin },
    allowCredentials: 'true',
    allowMethods: 'POST, PUT',
    allowHeaders: 'Content-Type',
    // The first request of an experiment must not be remembered for the second. In production, use hours.
    maxAge: '0',
    exposeHeaders: 'X-Lab-Run',
    timingAllowOrigin: pageOrigin,
    vary: 'Origin',
    preflight: { status: 204, hasPolicy: true },
    response: { status: 200, hasPolicy: true },
    hasSharedCache: false,
  };
}

/** A request without a preflight, whose response the page reads. */
export const get: ExperimentRequest = {
  target: 'same-site',
  method: 'GET',
  mode: 'cors',
  credentials: 'include',
  headers: [],
  body: null,
};

/** What an HTML form can send. */
export const formPost: ExperimentRequest = {
  ...get,
  method: 'POST',
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: 'amount=10',
};

/** Needs a preflight for its `Content-Type`. */
export const jsonPost: ExperimentRequest = {
  ...formPost,
  headers: [['Content-Type', 'application/json']],
  body: '{"amount":10}',
};

/** Needs a preflight for its method, too. */
export const jsonPut: ExperimentRequest = { ...jsonPost, method: 'PUT' };

export const noOrigin: AllowOrigin = { rule: 'none' };

export function fixedOrigin(value: string): AllowOrigin {
  return { rule: 'fixed', value };
}

/** Returns the steps of an experiment that makes one request, under the right policy except for `mistake`. */
export function oneStep(
  pageOrigin: string,
  request: ExperimentRequest,
  mistake: Partial<Policy> = {},
): readonly ExperimentStep[] {
  return [{ request, policy: { ...rightPolicy(pageOrigin), ...mistake } }];
}

/** Returns the steps of an experiment whose only mistake is in the policy, and the same steps without it. */
export function wrongPolicy(
  pageOrigin: string,
  request: ExperimentRequest,
  mistake: Partial<Policy>,
): { steps: readonly ExperimentStep[]; rightSteps: readonly ExperimentStep[] } {
  return { steps: oneStep(pageOrigin, request, mistake), rightSteps: oneStep(pageOrigin, request) };
}
