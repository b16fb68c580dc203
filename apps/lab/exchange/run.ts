/**
 * The lab's own requests: the page registers a run of an experiment, sends the experiment's request to the
 * run's path at a target, and then reads what the server recorded. Each run has a fresh path, for which the
 * browser has no cached preflight.
 */
import * as v from 'valibot';
import { Policy } from '../cors/policy.ts';
import { cookieKinds } from '../cors/verdict.ts';
import { Field } from './exchange.ts';

/**
 * `POST /runs` on the lab's own origin starts a run and responds 201 `{"id":"…"}`, 16 random characters.
 * `PUT /runs/:id` replaces its policy, for the experiments with two requests.
 */
export const RunRequest = v.strictObject({ policy: Policy });
export const StartRunResponse = v.strictObject({ id: v.string() });

/** A request that arrived at the run's path. */
export const RecordedRequest = v.strictObject({
  /** `redirected`: a preflight's redirect was followed. `cache`: the shared cache answered. */
  kind: v.picklist(['preflight', 'request', 'redirected', 'cache']),
  method: v.string(),
  /** The target's cookies that the request carried. */
  cookies: v.array(v.picklist(cookieKinds)),
  /** The headers that matter: `Origin`, `Sec-Fetch-*`, `Access-Control-Request-*`, `Content-Type`. */
  fields: v.array(Field),
  status: v.number(),
  responseFields: v.array(Field),
});
export type RecordedRequest = v.InferOutput<typeof RecordedRequest>;

/** `GET /runs/:id` on the lab's own origin. */
export const RunRecord = v.strictObject({
  requests: v.array(RecordedRequest),
  /** How many requests the target executed. */
  executions: v.number(),
});
export type RunRecord = v.InferOutput<typeof RunRecord>;

/** The path of a run, at each of the three targets and for every method. */
export const runPath = (id: string) => `/target/${id}`;
