/** The responses of the alternatives to CORS, whose paths are in `paths.ts`. */
import * as v from 'valibot';
import { cookieKinds } from '../cors/verdict.ts';

const cookies = v.array(v.picklist(cookieKinds));

/** `GET /status` at a target. It knows a visitor by its cookies, as the SSO service does. */
export const StatusResponse = v.strictObject({
  status: v.picklist(['known', 'unknown']),
  /** The target's cookies that the request carried. */
  cookies,
});
export type StatusResponse = v.InferOutput<typeof StatusResponse>;

/** `GET /alternatives/proxy` on the page's own origin. */
export const ProxyResponse = v.strictObject({
  /** The URL that the lab's server requested. */
  asked: v.string(),
  /** The names of the cookies that the browser sent to the page's own origin, and that were passed on. */
  cookiesReceived: v.array(v.string()),
  answer: StatusResponse,
});
export type ProxyResponse = v.InferOutput<typeof ProxyResponse>;

/** `GET /public` at a target. */
export const PublicResponse = v.strictObject({ time: v.string() });
export type PublicResponse = v.InferOutput<typeof PublicResponse>;

/** The argument that `GET /jsonp?callback=name` at the same-site target calls the function with. */
export const JsonpAnswer = v.strictObject({
  cookies,
  /** How often the script has been read since the server started. */
  reads: v.number(),
  /** Stands for what a server tells only to its own network, without a cookie. */
  intranet: v.string(),
});
export type JsonpAnswer = v.InferOutput<typeof JsonpAnswer>;
