/** What a browser does with a request under a policy, as `judge.ts` predicts and the lab observes it. */

/** The cookies of a target, one for each `SameSite` attribute. */
export const cookieKinds = ['strict', 'lax', 'none'] as const;
export type CookieKind = (typeof cookieKinds)[number];

/** The headers that a target sends besides its policy's. */
export const targetHeaderNames = ['Cache-Control', 'Content-Type', 'Content-Length', 'X-Lab-Run'] as const;

/** `varies`: browsers differ, or the person's settings decide. */
export type CookieTravel = 'sent' | 'withheld' | 'varies';

/** The four answers, side by side for the prediction, the browser and the server's record. */
export interface Answers {
  /** `cached`: a remembered preflight allowed the request. */
  preflight: 'none' | 'cached' | 'sent';
  /** Whether the request itself, not only a preflight, left the browser. */
  isSent: boolean;
  /** Whether the server executed it. */
  isExecuted: boolean;
  /** The cookies in the request itself. A preflight never has any. */
  cookies: Readonly<Record<CookieKind, CookieTravel>>;
  /** `opaque`: the promise is fulfilled, with status 0 and nothing to read. */
  readable: 'yes' | 'opaque' | 'no';
}

/** Which rule of the Fetch standard decides. The identifiers are in URLs and in the tests' tables. */
export type Rule =
  | 'allowed'
  | 'same-origin-request'
  | 'opaque-response'
  | 'mode-same-origin'
  | 'invalid-request'
  | 'preflight-redirected'
  | 'preflight-status'
  | 'allow-origin-missing'
  | 'allow-origin-wildcard-with-credentials'
  | 'allow-origin-multiple'
  | 'allow-origin-mismatch'
  | 'allow-credentials'
  | 'allow-methods'
  | 'allow-headers';

export interface Verdict extends Answers {
  rule: Rule;
  /** The response in which the rule failed; null if none did. */
  failedIn: 'preflight' | 'response' | null;
  /** The section and step of the Fetch standard, such as `CORS check, step 4`. */
  step: string;
  /** The section's address. */
  link: string;
  /** The header to blame, if any. */
  header: string | null;
  /** One sentence. */
  reason: string;
  /** Which of the target's headers (`targetHeaderNames`) the page can read, in the standards' spelling. */
  exposedHeaders: readonly string[];
  /** Whether `PerformanceResourceTiming` shows the page when the request's phases began and ended. */
  isTimingReadable: boolean;
  /** Where browsers are known to do something else, in sentences; null where they follow the standard. */
  difference: string | null;
}
