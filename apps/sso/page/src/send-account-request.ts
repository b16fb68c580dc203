/** Sends one request of the account page to its endpoints, bounded in time. */
import type { Problem, ProblemCode } from '@samesite-sso/protocol';

/** Long enough for a password, which is hashed slowly and may wait in a queue. */
const REQUEST_TIMEOUT_MS = 10_000;

export type FailedReply =
  | { status: 'refused'; problem: Problem }
  /** No valid response in time. */
  | { status: 'unanswered' };

export type Reply<Body> = { status: 'ok'; body: Body } | FailedReply;

/** @param body sent as JSON; every POST and PUT needs one */
export async function sendAccountRequest<Body>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<Reply<Body>> {
  try {
    const response = await fetch(path, {
      method,
      redirect: 'error',
      // The request outlives the page, so that a person who signs out and leaves at once is signed out.
      keepalive: method !== 'GET',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const responseBody = await response.json();
    if (response.ok) return { status: 'ok', body: responseBody };
    // A proxy may refuse a request with a body of its own.
    return typeof responseBody.code === 'string'
      ? { status: 'refused', problem: responseBody }
      : { status: 'unanswered' };
  } catch {
    return { status: 'unanswered' };
  }
}

export function isRefused(reply: Reply<unknown>, code: ProblemCode): boolean {
  return reply.status === 'refused' && reply.problem.code === code;
}
