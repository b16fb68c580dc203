/** The one way to say no: a code out of the closed table. `problem-replies.ts` turns it into an answer. */
import { PROBLEMS, type ProblemCode } from '@samesite-sso/protocol';

export class Refusal extends Error {
  readonly code: ProblemCode;
  /** The HTTP status, under the name by which Fastify's default error handler finds it. */
  readonly statusCode: number;
  /** The true reason. It reaches the log and never an answer. */
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** What the person who sent the request can mend: the one reason that does reach the answer. */
  readonly advice: string | undefined;

  constructor(
    code: ProblemCode,
    {
      detail,
      retryAfterSeconds,
      advice,
    }: { detail?: string; retryAfterSeconds?: number; advice?: string } = {},
  ) {
    super(PROBLEMS[code].title);
    this.name = 'Refusal';
    this.code = code;
    this.statusCode = PROBLEMS[code].status;
    this.detail = detail;
    this.retryAfterSeconds = retryAfterSeconds;
    this.advice = advice;
  }
}
