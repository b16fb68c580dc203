/** Requests one of the app's own routes, which may refuse the person's sign-in. */
import { type Refusal, readRefusal } from '@samesite-sso/react';
import { messageFor } from '../messages.ts';

export type AppResponse<Body = unknown> =
  | { status: 'ok'; body: Body; headers: Headers }
  | ((Refusal | { status: 'failed' }) & { message: string });

const REQUEST_TIMEOUT_MS = 5000;

/** @param signal cancels the request */
export async function fetchFromApp<Body = unknown>(
  path: string,
  signal?: AbortSignal,
): Promise<AppResponse<Body>> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    const response = await fetch(path, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    const refusal = await readRefusal(response);
    const body = await response.json();
    if (response.ok) return { status: 'ok', body, headers: response.headers };
    const message = messageFor({ status: 'refused', step: 1, code: body.code });
    return { ...(refusal ?? { status: 'failed' }), message };
  } catch {
    return { status: 'failed', message: messageFor({ status: 'app-unreachable' }) };
  }
}
