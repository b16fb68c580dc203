/** What a response of the app's own routes says about the sign-in: `requireSession` refused the request. */
import type { Problem } from '@samesite-sso/protocol';

export type Refusal =
  /** Nobody is signed in here. Call `signInSilently`. */
  | { status: 'signed-out' }
  /** The sign-in is too old or has too few factors. Call `stepUp`, and then send the request again. */
  | { status: 'insufficient-user-authentication'; maxAge?: number; factors?: 1 | 2 }
  /** The account isn't in the group that the route requires. */
  | { status: 'not-permitted' };

/**
 * Reads the problem code of a response, and leaves its body to be read again.
 *
 * @returns null if the response has nothing to do with the sign-in
 */
export async function readRefusal(response: Response): Promise<Refusal | null> {
  if (response.status !== 401 && response.status !== 403) return null;
  const problem: Partial<Problem> | null = await response
    .clone()
    .json()
    .catch(() => null);
  const { code, maxAge, factors } = problem ?? {};
  if (code === 'not-signed-in') return { status: 'signed-out' };
  if (code === 'not-permitted') return { status: code };
  if (code !== 'insufficient-user-authentication') return null;
  return { status: code, ...(maxAge !== undefined && { maxAge }), ...(factors && { factors }) };
}
