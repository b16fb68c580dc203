/**
 * The CORS policy of an experiment's target, right or wrong. Each member is one response header or one
 * switch. The lab's server applies it, and `judge.ts` predicts what a browser does with it.
 */
import * as v from 'valibot';
import { type ExperimentRequest, fieldValue } from './experiment-request.ts';

/** Null for no such header. */
const header = v.nullable(fieldValue);

/** Which origins a policy allows. */
export const AllowOrigin = v.variant('rule', [
  v.strictObject({ rule: v.literal('none') }),
  /** The value as it is written. */
  v.strictObject({ rule: v.literal('fixed'), value: fieldValue }),
  /** The request's own `Origin` if it is the value, and no header for other requests: the right rule. */
  v.strictObject({ rule: v.literal('exact'), value: fieldValue }),
  /** The request's own `Origin`, which allows every origin. */
  v.strictObject({ rule: v.literal('reflect') }),
  /** The request's own `Origin` if it starts, or ends, with the value. */
  v.strictObject({ rule: v.literal('prefix'), value: fieldValue }),
  v.strictObject({ rule: v.literal('suffix'), value: fieldValue }),
]);
export type AllowOrigin = v.InferOutput<typeof AllowOrigin>;

export const Policy = v.strictObject({
  /** `Access-Control-Allow-Origin` */
  allowOrigin: AllowOrigin,
  /** `Access-Control-Allow-Credentials` */
  allowCredentials: header,
  /** `Access-Control-Allow-Methods`, in the response to a preflight */
  allowMethods: header,
  /** `Access-Control-Allow-Headers`, in the response to a preflight */
  allowHeaders: header,
  /** `Access-Control-Max-Age`, in the response to a preflight */
  maxAge: header,
  /** `Access-Control-Expose-Headers` */
  exposeHeaders: header,
  /** `Timing-Allow-Origin` */
  timingAllowOrigin: header,
  vary: header,
  preflight: v.strictObject({
    status: v.picklist([200, 204, 301, 401, 404, 500]),
    /** False: the policy's headers are missing in this response. */
    hasPolicy: v.boolean(),
  }),
  response: v.strictObject({
    status: v.picklist([200, 401, 500]),
    hasPolicy: v.boolean(),
  }),
  /** Whether a shared cache answers instead of the target, if it has a response that `Vary` admits. */
  hasSharedCache: v.boolean(),
});
export type Policy = v.InferOutput<typeof Policy>;

/** A request of the CORS lab, with the policy that its target has at that time. */
export interface ExperimentStep {
  request: ExperimentRequest;
  policy: Policy;
}

/** A response's headers in the order they are sent, names in the standards' spelling. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** Returns the `Access-Control-Allow-Origin` for a request with this `Origin`, null for none. */
function resolveAllowOrigin(allowOrigin: AllowOrigin, origin: string | null): string | null {
  switch (allowOrigin.rule) {
    case 'none':
      return null;
    case 'fixed':
      return allowOrigin.value;
    case 'exact':
      return origin === allowOrigin.value ? origin : null;
    case 'reflect':
      return origin;
    case 'prefix':
      return origin?.startsWith(allowOrigin.value) ? origin : null;
    case 'suffix':
      return origin?.endsWith(allowOrigin.value) ? origin : null;
  }
}

/** Returns the policy's headers in a response to a preflight. */
export function preflightFields(policy: Policy, origin: string | null): Fields {
  return toFields(policy, policy.preflight.hasPolicy, origin, [
    ['Access-Control-Allow-Methods', policy.allowMethods],
    ['Access-Control-Allow-Headers', policy.allowHeaders],
    ['Access-Control-Max-Age', policy.maxAge],
  ]);
}

/** Returns the policy's headers in the response to the request itself. */
export function responseFields(policy: Policy, origin: string | null): Fields {
  return toFields(policy, policy.response.hasPolicy, origin, [
    ['Access-Control-Expose-Headers', policy.exposeHeaders],
    ['Timing-Allow-Origin', policy.timingAllowOrigin],
  ]);
}

function toFields(
  { allowOrigin, allowCredentials, vary }: Policy,
  hasPolicy: boolean,
  origin: string | null,
  ownFields: readonly (readonly [name: string, value: string | null])[],
): Fields {
  const policyFields = [
    ['Access-Control-Allow-Origin', resolveAllowOrigin(allowOrigin, origin)],
    ['Access-Control-Allow-Credentials', allowCredentials],
    ...ownFields,
  ] as const;
  const fields = [...(hasPolicy ? policyFields : []), ['Vary', vary] as const];
  return fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
