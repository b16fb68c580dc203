import { errors } from 'jose';

/**
 * What is wrong with a JWT, for the log: in words that hold nothing of it.
 *
 * @param error what was thrown by `jwtVerify`, or by whoever looked at its claims
 */
export function describeJwtError(error: unknown): string {
  // The library quotes the critical headers that it does not know, and anybody can send those.
  return error instanceof errors.JOSENotSupported ? 'needs what is not supported' : (error as Error).message;
}
