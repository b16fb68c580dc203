/** One request to the account page's own endpoints, bounded in time, its answer or its refusal understood. */
import type { Problem } from '@samesite-sso/protocol';

/** Milliseconds. A password is hashed slowly, and others may be before it. */
const REQUEST_TIMEOUT_MS = 10_000;

export type Unsuccessful =
  | { status: 'refused'; problem: Problem }
  /** No answer in time, or one that makes no sense. */
  | { status: 'unanswered' };

export type Reply<Answer> = { status: 'answered'; answer: Answer } | Unsuccessful;

/** @param body what is sent as JSON; a POST always sends some */
export async function ask<Answer>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Reply<Answer>> {
  try {
    const response = await fetch(path, {
      method,
      redirect: 'error',
      // The request outlives the page, so that a person who signs out and leaves at once is signed out.
      keepalive: method !== 'GET',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (response.ok) return { status: 'answered', answer };
    // A proxy in between may refuse in words of its own.
    return typeof answer.code === 'string'
      ? { status: 'refused', problem: answer }
      : { status: 'unanswered' };
  } catch {
    return { status: 'unanswered' };
  }
}
