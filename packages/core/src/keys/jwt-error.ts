import { errors } from 'jose';

/**
 * Describes why a JWT was rejected, for the log, without quoting the JWT.
 *
 * @param error thrown by `jwtVerify` or by a check of the claims
 */
export function describeJwtError(error: unknown): string {
  // jose quotes unknown critical headers in this message, and any client can send those.
  return error instanceof errors.JOSENotSupported ? 'needs what is not supported' : (error as Error).message;
}
