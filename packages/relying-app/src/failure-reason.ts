import { HttpProblem } from '@samesite-sso/core';

/** Why background work failed, for the log. The message of an {@link HttpProblem} is only its public title. */
export function failureReason(error: unknown): string {
  return (error instanceof HttpProblem ? error.logReason : undefined) ?? (error as Error).message;
}
