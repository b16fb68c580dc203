/** A request of the CORS lab, as the form, a shared URL or an experiment describes it. */
import * as v from 'valibot';

/** RFC 9110, section 5.6.2: a method or a field name. */
const token = v.pipe(v.string(), v.maxLength(40), v.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/));

/** Printable ASCII: no line break can start another header. */
export const fieldValue = v.pipe(v.string(), v.maxLength(200), v.regex(/^[\x20-\x7e]*$/));

export const ExperimentRequest = v.strictObject({
  /** Where it goes: the page's own origin, another origin of the same site, or another site. */
  target: v.picklist(['same-origin', 'same-site', 'cross-site']),
  method: token,
  mode: v.picklist(['cors', 'no-cors', 'same-origin']),
  credentials: v.picklist(['omit', 'same-origin', 'include']),
  headers: v.pipe(v.array(v.strictTuple([token, fieldValue])), v.maxLength(8)),
  /** Null for none. Unless `headers` has a `Content-Type`, browsers send `text/plain;charset=UTF-8`. */
  body: v.nullable(v.pipe(v.string(), v.maxLength(1000))),
});
export type ExperimentRequest = v.InferOutput<typeof ExperimentRequest>;

export type Target = ExperimentRequest['target'];

/** The origin of each target. `same-origin` is the page's own. */
export type TargetOrigins = Readonly<Record<Target, string>>;
