/** The error that refuses a request, with a code of the closed table. `problem-responses.ts` sends it. */
import { PROBLEMS, type Problem, type ProblemCode } from '@samesite-sso/protocol';

/** Members of a problem that tell a page what to do next. */
type ProblemMembers = Pick<Problem, 'methods' | 'maxAge' | 'factors' | 'unknown'>;

export class HttpProblem extends Error {
  readonly code: ProblemCode;
  /** The HTTP status, under the name by which Fastify's default error handler finds it. */
  readonly statusCode: number;
  /** What to change in the request (RFC 9457, section 3.1.4). The response contains it. */
  readonly detail: string | undefined;
  /** The true reason, for the log alone. */
  readonly logReason: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly members: ProblemMembers;
  /** Further headers of the response, under the name by which Fastify's default error handler finds them. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    more: {
      detail?: string;
      logReason?: string;
      retryAfterSeconds?: number;
      members?: ProblemMembers;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(PROBLEMS[code].title);
    this.name = 'HttpProblem';
    this.code = code;
    this.statusCode = PROBLEMS[code].status;
    this.detail = more.detail;
    this.logReason = more.logReason;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }
}

/** @returns the true reason of a failure, for the log alone */
export function describeError(error: unknown): string {
  if (error instanceof HttpProblem) return error.logReason ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
