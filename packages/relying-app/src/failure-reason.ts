import { HttpProblem } from '@samesite-sso/core';

/** Why background work failed, for the log. An {@link HttpProblem}'s message is only its public title. */
export function failureReason(error: unknown): string {
  return (error instanceof HttpProblem ? error.logReason : undefined) ?? (error as Error).message;
}
