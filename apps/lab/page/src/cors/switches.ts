/** Describes a step in words. Each member of its request and policy is a switch in the form. */
import type { ExperimentRequest } from '../../../cors/experiment-request.ts';
import type { AllowOrigin, ExperimentStep, Policy } from '../../../cors/policy.ts';
import { sendsCookies } from './run-experiment.ts';

type NestedSwitch<Part extends 'preflight' | 'response'> = `${Part}.${keyof Policy[Part] & string}`;

export type Switch =
  | keyof ExperimentRequest
  | Exclude<keyof Policy, 'preflight' | 'response'>
  | NestedSwitch<'preflight'>
  | NestedSwitch<'response'>;

/** Shown before a colon and the switch's value. */
export const SWITCH_NAMES: Readonly<Record<Switch, string>> = {
  target: 'sent to',
  method: 'method',
  mode: 'mode',
  credentials: 'credentials',
  headers: 'headers',
  body: 'body',
  allowOrigin: 'Access-Control-Allow-Origin',
  allowCredentials: 'Access-Control-Allow-Credentials',
  allowMethods: 'Access-Control-Allow-Methods',
  allowHeaders: 'Access-Control-Allow-Headers',
  maxAge: 'Access-Control-Max-Age',
  exposeHeaders: 'Access-Control-Expose-Headers',
  timingAllowOrigin: 'Timing-Allow-Origin',
  vary: 'Vary',
  'preflight.status': 'preflight status',
  'preflight.hasPolicy': 'response to the preflight',
  'response.status': 'response status',
  'response.hasPolicy': 'response to the request',
  hasSharedCache: 'shared cache',
};

export function toSwitches({ request, policy }: ExperimentStep): ReadonlyMap<Switch, unknown> {
  const { preflight, response, ...headers } = policy;
  return new Map<Switch, unknown>([
    ...(Object.entries(request) as [Switch, unknown][]),
    ...(Object.entries(headers) as [Switch, unknown][]),
    ['preflight.status', preflight.status],
    ['preflight.hasPolicy', preflight.hasPolicy],
    ['response.status', response.status],
    ['response.hasPolicy', response.hasPolicy],
  ]);
}

/** @param value as `toSwitches` returns it */
export function describeValue(name: Switch, value: unknown): string {
  if (name === 'allowOrigin') return describeAllowOrigin(value as AllowOrigin);
  if (name === 'headers') return describeHeaders(value as ExperimentRequest['headers']);
  if (name === 'body') return value === null ? 'no body' : String(value);
  if (value === null) return 'not sent';
  if (typeof value !== 'boolean') return String(value);
  if (name === 'hasSharedCache') return value ? 'yes' : 'no';
  return value ? 'with the policy' : 'without the policy';
}

const TARGETS: Record<ExperimentRequest['target'], string> = {
  'same-origin': 'the page’s own origin',
  'same-site': 'another origin of the same site',
  'cross-site': 'another site',
};

/** Returns a request in one line, such as `POST to another site, with credentials`. */
export function describeRequest(request: ExperimentRequest): string {
  const { method, target, mode, headers } = request;
  return [
    `${method} to ${TARGETS[target]}`,
    ...(mode === 'cors' ? [] : [`mode ${mode}`]),
    sendsCookies(request) ? 'with credentials' : 'without credentials',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join(', ');
}

function describeAllowOrigin(allowOrigin: AllowOrigin): string {
  switch (allowOrigin.rule) {
    case 'none':
      return 'not sent';
    case 'fixed':
      return allowOrigin.value;
    case 'exact':
      return `the request’s Origin if it is ${allowOrigin.value}`;
    case 'reflect':
      return 'any request’s Origin';
    case 'prefix':
      return `the request’s Origin if it starts with ${allowOrigin.value}`;
    case 'suffix':
      return `the request’s Origin if it ends with ${allowOrigin.value}`;
  }
}

function describeHeaders(headers: ExperimentRequest['headers']): string {
  return headers.length === 0 ? 'no headers' : headers.map(([name, value]) => `${name}: ${value}`).join(', ');
}
